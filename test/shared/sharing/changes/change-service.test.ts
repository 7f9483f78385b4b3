import { expect, test } from 'vitest';
import { expiryGuard } from '#shared/sharing/bookings/booked-vehicle.ts';
import { type Assigned, cancelled } from '#shared/sharing/bookings/reservation.ts';
import { admitted } from '#shared/sharing/bookings/use.ts';
import { ChangeService, needsStatement, type VehicleMoved } from '#shared/sharing/changes/change-service.ts';
import { lineBack } from '#shared/sharing/contact/line.ts';
import type { Due } from '#shared/sharing/due/due.ts';
import type { ListedBooking } from '#shared/sharing/search/listing.ts';
import { aBookedVehicle, anAssignment, minutes, now } from '../../../support/booking-samples.ts';
import { systemId } from '../../../support/sharing-city.ts';

function world() {
  const kept = new Set<number>();
  const moved: VehicleMoved[] = [];
  const listed: (ListedBooking | 'removed')[] = [];
  const told: string[] = [];
  const calls: { due: Due; at: number }[] = [];
  const stated: string[] = [];
  const weighed: number[] = [];
  const changes = new ChangeService({
    clock: { now: () => now },
    setup: { fleetVehicle: async () => undefined },
    listings: {
      noteBooking: async (_, __, booking) => listed.push(booking) > 0,
      listing: async (_, vehicleId) => {
        const booking = listed.filter((one) => one !== 'removed').at(-1);
        return booking && { vehicleId, booking, status: { boot: 1, sequence: 1, at: now, charge: 9 } };
      },
      remove: async () => void listed.push('removed'),
    },
    charges: { judge: async (_, __, ___, charge) => void weighed.push(charge) },
    moves: {
      keep: async ({ version }) => void kept.add(version),
    },
    events: {
      announce: async (move, eventId) => {
        moved.push(move);
        told.push(eventId);
      },
    },
    trips: { changed: async () => {} },
    due: { call: async (due, at) => void calls.push({ due, at }) },
    statements: { call: async (call) => void stated.push(call.kind) },
  });
  return { changes, kept, moved, listed, told, calls, stated, weighed };
}

const free = aBookedVehicle({ fence: 3, admits: 4, version: 7 });
const assignment = anAssignment({ heldAt: now, expiresAt: now + 15 * minutes });
const held: Assigned = {
  ...{ ...free, state: 'reserved', assignment, fence: 4, admits: 4, version: 8 },
  moves: [{ event: 'reservation_start', at: now }],
};

test('a hold is taken from the search, kept and told as a move, and looked at when it is over', async () => {
  const { changes, kept, moved, listed, told, calls, stated } = world();
  await changes.follow(free, held);
  expect(listed).toEqual([expect.objectContaining({ state: 'reserved', heldUntil: assignment.expiresAt, version: 8 })]);
  expect([...kept]).toEqual([8]);
  expect(moved).toEqual([
    expect.objectContaining({ event: 'reservation_start', vehicleId: free.vehicleId, version: 8, place: 0 }),
  ]);
  expect(told).toEqual([`${free.vehicleId}-8-0`]);
  expect(calls).toEqual([
    { due: { kind: 'expiry', vehicleId: free.vehicleId }, at: assignment.expiresAt + expiryGuard + 1 },
  ]);
  // The release before has said already that the next fence is the lowest.
  expect(stated).toEqual([]);
});

test('a change that comes again tells subscribers the same event, and leaves the same behind', async () => {
  const { changes, kept, told } = world();
  await changes.follow(free, held);
  await changes.follow(free, held);
  expect(kept.size).toBe(1);
  expect(new Set(told).size).toBe(1);
});

test('nothing of persons and places is told to subscribers', async () => {
  const { changes, moved } = world();
  const where = { latitude: 52.5, longitude: 13.4 };
  await changes.follow(free, { ...held, moves: [{ event: 'reservation_start', at: now, where }] });
  const text = JSON.stringify(moved);
  for (const secret of [assignment.personId, assignment.reservationId, 'latitude']) expect(text).not.toContain(secret);
});

test('a release has a statement signed, and whoever comes back empty is weighed', async () => {
  const { changes, stated, weighed } = world();
  const after = cancelled({ ...held, assignment: { ...assignment, keyUntil: now } }, now);
  await changes.follow(held, after);
  expect(stated).toEqual(['vehicle']);
  expect(weighed).toEqual([9]);
  // The vehicle has ended the trip by itself, and admits nobody of that fence.
  expect(needsStatement(held, { ...after, admits: 5 })).toBe(false);
  expect(needsStatement(undefined, free)).toBe(true);
});

test('an expired hold that somebody else claims needs a statement: the former key must go', () => {
  const claimed = { ...held, fence: 5, version: 9 };
  expect(needsStatement(held, claimed)).toBe(true);
});

test('a vehicle that was taken in before the device cloud knew it is told whom keys come from when it is first heard', () => {
  const unheard = { ...free, admits: 0, fence: 0 };
  const connected = lineBack(unheard, now);
  if (connected === undefined) throw new Error('nothing is written');
  expect(connected).toEqual({ ...unheard, moves: [], version: unheard.version + 1 });
  expect(needsStatement(unheard, connected)).toBe(true);
  const told = admitted(connected, 1);
  if (told === undefined) throw new Error('nothing is written');
  expect(needsStatement(connected, told)).toBe(false);
  expect(lineBack(told, now)).toBeUndefined();
});

test('a vehicle that goes to another city is listed there and no more here', async () => {
  const { changes, listed, stated } = world();
  await changes.follow(free, { ...free, systemId: systemId('we-share-hamburg'), version: 8 });
  expect(listed).toEqual([expect.objectContaining({ version: 8 }), 'removed']);
  expect(stated).toEqual(['vehicle']);
});
