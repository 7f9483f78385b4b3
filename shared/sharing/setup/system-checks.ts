import { taxedMarkets } from '../prices/vat.ts';
import { type Finding, namedTwice, onlyIf } from './finding.ts';
import { hoursOf, isTimeZone } from './opening-hours.ts';
import type { OpeningHours, VehicleType } from './system.ts';
import type { SystemContent, SystemFixture } from './system-order.ts';

/** Degrees that a city may reach from side to side: a metropolis with its airports takes one. */
const widest = 3;

/** Everything that is wrong with a system, by JSON pointers into it. */
export function systemFindings(system: SystemContent & SystemFixture): Finding[] {
  const { timeZone, currency, market } = system;
  const untaxed = `The value added tax of ${market} is not known here.`;
  const odd = `"${currency}" is no ISO 4217 currency with two decimals.`;
  return [
    ...onlyIf(!isTimeZone(timeZone), 'time-zone-unknown', '/timeZone', `"${timeZone}" is no IANA time zone.`),
    ...onlyIf(!isCurrency(currency), 'currency-not-usable', '/currency', odd),
    ...onlyIf(!taxedMarkets.includes(market), 'market-not-taxed', '/market', untaxed),
    ...boundsFindings(system.bounds),
    ...hoursFindings(system.openingHours),
    ...namedTwice(
      system.vehicleTypes.map(({ vehicleTypeId }) => vehicleTypeId),
      'vehicle-type-twice',
      (index) => `/vehicleTypes/${index}/vehicleTypeId`,
    ),
    ...system.vehicleTypes.flatMap((type, index) => typeFindings(type, `/vehicleTypes/${index}`)),
  ];
}

function boundsFindings([west, south, east, north]: SystemContent['bounds']): Finding[] {
  const found = (detail: string) => onlyIf(true, 'bounds-not-usable', '/bounds', detail);
  if (Math.abs(west) > 180 || Math.abs(east) > 180 || Math.abs(south) > 90 || Math.abs(north) > 90) {
    return found('Longitudes reach from -180 to 180, latitudes from -90 to 90: west, south, east, north.');
  }
  if (west >= east || south >= north) return found('West lies east of east, or south north of north.');
  if (east - west > widest || north - south > widest) {
    return found(`A city is no wider than ${widest} degrees: is it west, south, east, north?`);
  }
  return [];
}

function hoursFindings(hours: OpeningHours): Finding[] {
  if (hours === '24/7') return [];
  const days = [1, 2, 3, 4, 5, 6, 7].flatMap((day) => {
    const its = hoursOf(hours, day);
    return its === undefined ? [] : [{ day, ...its }];
  });
  return [
    ...onlyIf(days.length === 0, 'opening-hours-not-usable', '/openingHours', 'It would never be open.'),
    ...days.flatMap(({ day, from, to }) => {
      const detail = `It closes at minute ${to} of the day and opens at ${from}.`;
      return onlyIf(from >= to, 'opening-hours-not-usable', `/openingHours/${day}`, detail);
    }),
  ];
}

function typeFindings({ formFactor, licence, propulsion, maxRangeMeters }: VehicleType, pointer: string): Finding[] {
  const unlicensed = formFactor === 'car' && licence !== 'B';
  const unranged = propulsion !== 'human' && maxRangeMeters === undefined;
  return [
    ...onlyIf(unlicensed, 'licence-not-usable', `${pointer}/licence`, 'Nobody drives a car without class B.'),
    ...onlyIf(unranged, 'range-missing', `${pointer}/maxRangeMeters`, `How far does it go (${propulsion})?`),
  ];
}

function isCurrency(code: string): boolean {
  if (!Intl.supportedValuesOf('currency').includes(code)) return false;
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits === 2
  );
}
