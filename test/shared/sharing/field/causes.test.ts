import fc from 'fast-check';
import { expect, test } from 'vitest';
import { untilItSays } from '#shared/sharing/bookings/reservation.ts';
import { causesOf } from '#shared/sharing/field/causes.ts';
import { aBookedVehicle, anAssignment, anyVehicle, now } from '../../../support/booking-samples.ts';

const hour = 3_600_000;
const out = { state: 'non_operational' } as const;
const silent = { state: 'non_contactable', former: ['available'], silentSince: now - hour } as const;

test.each([
  ['is free', {}, []],
  ['is empty', { ...out, outOfService: 'low-charge' }, [['charge', 0]]],
  ['is to be mended', { ...out, outOfService: 'maintenance' }, [['service', 0]]],
  ['is to be fetched', { ...out, outOfService: 'recovery' }, [['inspect', 0]]],
  ['is not set up yet', { ...out, outOfService: 'not-yet-in-service' }, []],
  ['was taken away', { state: 'removed', outOfService: 'maintenance' }, []],
  ['is silent, from two hours on', silent, [['inspect', hour]]],
  ['is silent where that is to be expected', { ...silent, quietPlace: true }, []],
  ['may be driven, after an hour', { fence: 3, barredUntil: untilItSays, barredSince: now }, [['inspect', hour]]],
  ['waits for its last key to end', { fence: 3, barredUntil: now + hour / 4, barredSince: now }, []],
  ['has said that its key is void', { fence: 3, admits: 4, barredUntil: untilItSays, barredSince: now }, []],
] as const)('of a vehicle that %s', (_, changes, wanted) => {
  const causes = causesOf(aBookedVehicle(changes), now);
  expect(causes.map(({ kind, from }) => [kind, from - now])).toEqual(wanted);
});

test('nobody is sent to a vehicle that somebody has, whatever else it says', () => {
  fc.assert(
    fc.property(anyVehicle, (vehicle) => {
      expect(causesOf({ ...vehicle, assignment: anAssignment() }, now)).toEqual([]);
    }),
  );
});
