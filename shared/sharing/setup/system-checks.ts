import { taxedMarkets } from '../prices/vat.ts';
import { type Finding, namedTwice } from './finding.ts';
import { hoursOf, isTimeZone } from './opening-hours.ts';
import type { OpeningHours, VehicleType } from './system.ts';
import type { SystemContent, SystemFixture } from './system-order.ts';

/** Degrees that a city may reach from side to side: a metropolis with its airports takes one. */
const widest = 3;

/** Everything that is wrong with a system, by JSON pointers into it. */
export function systemFindings(system: SystemContent & SystemFixture): Finding[] {
  return [
    ...(isTimeZone(system.timeZone)
      ? []
      : [{ code: 'time-zone-unknown', pointer: '/timeZone', detail: `"${system.timeZone}" is no IANA time zone.` }]),
    ...(isCurrency(system.currency)
      ? []
      : [
          {
            code: 'currency-not-usable',
            pointer: '/currency',
            detail: `"${system.currency}" is no ISO 4217 currency with two decimals.`,
          },
        ]),
    ...(taxedMarkets.includes(system.market)
      ? []
      : [
          {
            code: 'market-not-taxed',
            pointer: '/market',
            detail: `The value added tax of ${system.market} is not known here.`,
          },
        ]),
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
  const found = (detail: string): Finding[] => [{ code: 'bounds-not-usable', pointer: '/bounds', detail }];
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
  if (days.length === 0) {
    return [{ code: 'opening-hours-not-usable', pointer: '/openingHours', detail: 'It would never be open.' }];
  }
  return days
    .filter(({ from, to }) => from >= to)
    .map(({ day, from, to }) => ({
      code: 'opening-hours-not-usable',
      pointer: `/openingHours/${day}`,
      detail: `It closes at minute ${to} of the day and opens at ${from}.`,
    }));
}

function typeFindings({ formFactor, licence, propulsion, maxRangeMeters }: VehicleType, pointer: string): Finding[] {
  const unlicensed = formFactor === 'car' && licence !== 'B';
  const unranged = propulsion !== 'human' && maxRangeMeters === undefined;
  return [
    ...(unlicensed
      ? [{ code: 'licence-not-usable', pointer: `${pointer}/licence`, detail: 'Nobody drives a car without class B.' }]
      : []),
    ...(unranged
      ? [{ code: 'range-missing', pointer: `${pointer}/maxRangeMeters`, detail: `How far does it go (${propulsion})?` }]
      : []),
  ];
}

function isCurrency(code: string): boolean {
  if (!Intl.supportedValuesOf('currency').includes(code)) return false;
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits === 2
  );
}
