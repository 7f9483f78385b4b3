import { describe, expect, test } from 'vitest';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import { type Device, type ToldEvent, toldBy } from '#shared/sharing/mobility-data/told-event.ts';
import { aBookedVehicle, minutes, now } from '../../../support/booking-samples.ts';

const place = { latitude: 52.5, longitude: 13.4 };
const street = { latitude: 52.51, longitude: 13.41 };

/** Each write of one vehicle, in turn, and when it was told. */
function told(...writes: readonly (readonly [at: number, write: Partial<BookedVehicle>])[]) {
  const vehicle = aBookedVehicle();
  const known = new Map<string, ToldEvent>();
  let device: Device | undefined;
  for (const [n, [at, write]] of writes.entries()) {
    const step = toldBy(device, { ...vehicle, version: n + 1, ...write }, { now: at, where: place });
    for (const event of step?.events ?? []) known.set(`${event.version} ${event.place}`, event);
    device = step?.device ?? device;
  }
  return [...known.values()].sort((one, other) => one.at - other.at);
}

const held = { state: 'reserved', fence: 4, moves: [{ event: 'reservation_start', at: now }] } as const;
const lost = { state: 'non_contactable', fence: 4, moves: [{ event: 'comms_lost', at: now + minutes }] } as const;
const [started, ended, back] = [now + 2 * minutes, now + 50 * minutes, now + 120 * minutes];
const starts = [
  { event: 'reservation_stop', at: started, where: street },
  { event: 'trip_start', at: started, where: street },
] as const;
const ends = [
  { event: 'trip_stop', at: ended },
  { event: 'trip_end', at: ended },
] as const;

describe('a car that drives while it is silent', () => {
  const restored = { event: 'comms_restored', at: back } as const;
  const story = [
    ['reserved', 'reservation_start', now],
    ['non_contactable', 'comms_lost', now + minutes],
    ['reserved', 'comms_restored', started],
    ['stopped', 'reservation_stop', started + 1],
    ['on_trip', 'trip_start', started + 2],
    ['stopped', 'trip_stop', ended],
    ['available', 'trip_end', ended + 1],
  ];
  const seen = (events: readonly ToldEvent[]) => events.map(({ state, event, at }) => [state, event, at]);

  test('is told with the times at which it drove, as heard again from its first word on', () => {
    const events = told(
      [now, held],
      [now + 6 * minutes, lost],
      [back, { state: 'on_trip', fence: 4, moves: [restored, ...starts] }],
      [back, { state: 'available', fence: 4, moves: ends }],
    );
    expect(seen(events)).toEqual(story);
    expect(events.at(-1)).toMatchObject({ publishedAt: back, fence: 4, began: { at: started + 2, where: street } });
  });

  test('is told in the same way where its line is noticed before its log', () => {
    const events = told(
      [now, held],
      [now + 6 * minutes, lost],
      [back, { state: 'reserved', fence: 4, moves: [restored] }],
      [back + 1_000, { state: 'on_trip', fence: 4, moves: starts }],
      [back + 1_000, { state: 'available', fence: 4, moves: ends }],
    );
    expect(seen(events)).toEqual(story);
  });
});

test('whoever held a silent car in a garage, one after the other, has uses of their own; it was free when it fell silent', () => {
  const lapse = { event: 'provider_cancellation', at: now + 40 * minutes, reason: 'hold_expired' } as const;
  const again = { event: 'reservation_start', at: now + 40 * minutes } as const;
  const first = { event: 'reservation_start', at: now + 10 * minutes } as const;
  const events = told(
    [now + 6 * minutes, { ...lost, fence: 3 }],
    [back, { state: 'reserved', fence: 5, moves: [{ event: 'comms_restored', at: back }, first, lapse, again] }],
  );
  expect(events.map(({ event, state, fence }) => [event, state, fence])).toEqual([
    ['comms_lost', 'non_contactable', undefined],
    ['comms_restored', 'available', undefined],
    ['reservation_start', 'reserved', 4],
    ['provider_cancellation', 'available', 4],
    ['reservation_start', 'reserved', 5],
  ]);
});

test('no clock of a vehicle puts an event before the one it follows, or after the moment it is told', () => {
  const events = told(
    [now, held],
    [now + 1_000, { state: 'on_trip', fence: 4, moves: starts.map((move) => ({ ...move, at: now - 9_000 })) }],
    [now + 2_000, { state: 'available', fence: 4, moves: ends.map((move) => ({ ...move, at: now + 86_400_000 })) }],
  );
  expect(events.map(({ at }) => at - now)).toEqual([0, 1, 2, 2_000, 2_001]);
});
