import { expect, test } from 'vitest';
import { applied, type PublishedCity } from '#shared/sharing/feeds/published-city.ts';
import { shownOf } from '#shared/sharing/feeds/shown-vehicle.ts';
import { type Happening, TownVehicle } from '../../../support/feed-town.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { sampleOperator, sampleSystem } from '../../../support/sharing-city.ts';

const empty: PublishedCity = {
  ...{ setup: { operator: sampleOperator, system: sampleSystem, plans: [] }, vehicles: new Map() },
  ...{ idKey: 'a key', files: {} },
};

/** What the public sees after each; where it stood is told by how often it had reported by then. */
function seen(...happenings: readonly Happening[]) {
  const clock = new ManualClock(1_800_000_000_000);
  const vehicle = new TownVehicle(clock, 1, 'e-golf');
  let city = empty;
  return happenings.map((happening) => {
    vehicle.live(happening);
    city = applied(city, [{ kind: 'listed', listing: vehicle.listing }], clock.now());
    const its = city.vehicles.get(vehicle.booking.vehicleId);
    const shown = its && shownOf(its, clock.now());
    if (its === undefined || shown === undefined) return 'nothing';
    return `${shown.kind} ${Math.round((shown.place.longitude - 13.4) * 100_000)} ${its.booking.uses}`;
  });
}

test('a vehicle is free, reserved where it stood, not there while it is driven, and another one where it is left', () => {
  expect(seen('report', 'hold', 'start', 'report', 'pause', 'resume', 'report', 'end', 'report')).toEqual([
    ...['free 1 0', 'reserved 1 0', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'free 3 1', 'free 4 1'],
  ]);
});

test('a hold that is given back or over was a use, too', () => {
  expect(seen('report', 'hold', 'cancel')).toEqual(['free 1 0', 'reserved 1 0', 'free 1 1']);
  expect(seen('report', 'hold', 'wait', 'wait', 'expire')).toEqual([
    ...['free 1 0', 'reserved 1 0', 'reserved 1 0', 'free 1 0', 'free 1 1'],
  ]);
});

test('what a car says of itself while somebody has it is not seen: they may have started', () => {
  expect(seen('report', 'hold', 'late-start', 'report', 'end')).toEqual([
    ...['free 1 0', 'reserved 1 0', 'reserved 1 0', 'nothing', 'free 3 1'],
  ]);
});

test('a trip that was taken back is not seen before the car has said that it is over, wherever it is noted meanwhile', () => {
  expect(seen('report', 'hold', 'key', 'start', 'report', 'force-end', 'report', 'out', 'report', 'end')).toEqual([
    ...['free 1 0', 'reserved 1 0', 'reserved 1 0', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing'],
    'out-of-service 4 1',
  ]);
});

test('whose key may still open it is reserved, although nobody has it', () => {
  expect(seen('report', 'hold', 'key', 'cancel', 'report', 'admit')).toEqual([
    ...['free 1 0', 'reserved 1 0', 'reserved 1 0', 'reserved 1 1', 'reserved 1 1', 'free 2 1'],
  ]);
});

test('a vehicle that has not said where it is is not seen, nor one that was taken away', () => {
  expect(seen('in', 'out', 'report', 'in')).toEqual(['nothing', 'nothing', 'out-of-service 1 0', 'free 1 0']);
});
