import { currencyOf } from '../prices/market-currency.ts';
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
  const own = currencyOf(market);
  const foreign = `${market} is charged in ${own}, not in ${currency}.`;
  return [
    ...onlyIf(!isTimeZone(timeZone), 'time-zone-unknown', '/timeZone', `"${timeZone}" is no IANA time zone.`),
    ...onlyIf(own !== undefined && own !== currency, 'currency-not-usable', '/currency', foreign),
    ...onlyIf(!taxedMarkets.includes(market), 'market-not-taxed', '/market', untaxed),
    ...boundsFindings(system),
    ...hoursFindings(system.openingHours),
    ...namedTwice(
      system.vehicleTypes.map(({ vehicleTypeId }) => vehicleTypeId),
      'vehicle-type-twice',
      (index) => `/vehicleTypes/${index}/vehicleTypeId`,
    ),
    ...system.vehicleTypes.flatMap((type, index) => typeFindings(type, `/vehicleTypes/${index}`)),
  ];
}

function boundsFindings({ bounds, market }: SystemContent & SystemFixture): Finding[] {
  const [west, south, east, north] = bounds;
  const found = (detail: string) => onlyIf(true, 'bounds-not-usable', '/bounds', detail);
  if (isSwapped(bounds, market)) {
    const turned = `[${south}, ${west}, ${north}, ${east}]`;
    return found(`Longitude and latitude look swapped: west, south, east, north of ${market} would be ${turned}.`);
  }
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

/**
 * In each market that is taxed here but China, latitudes are greater than longitudes, from the Azores to Cyprus; in China
 * longitudes are. Where both could be latitudes, that tells them apart.
 */
function isSwapped([west, south, east, north]: SystemContent['bounds'], market: string): boolean {
  if (!taxedMarkets.includes(market) || Math.max(Math.abs(west), Math.abs(east)) > 90) return false;
  const ahead = west + east - south - north;
  return market === 'CN' ? ahead < 0 : ahead > 0;
}
