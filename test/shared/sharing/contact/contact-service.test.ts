import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Presence, PresenceEvent } from '#shared/registry/presence.ts';
import { withEvent } from '#shared/registry/presence.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import { isHoldable } from '#shared/sharing/bookings/hold.ts';
import { expired } from '#shared/sharing/bookings/reservation.ts';
import { ContactService } from '#shared/sharing/contact/contact-service.ts';
import { lineBack, lineGone, silence, tellingTime, toldAll } from '#shared/sharing/contact/line.ts';
import type { Due } from '#shared/sharing/due/due.ts';
import { aVehicleId } from '../../../contract/samples.ts';
import { aBookedVehicle, anAssignment, now as noon } from '../../../support/booking-samples.ts';
import { memoryBookings } from '../../../support/memory-bookings.ts';
import { sampleZones } from '../../../support/sharing-city.ts';

const inGarage = { latitude: 52.511, longitude: 13.411 };
const inTheOpen = { latitude: 52.52, longitude: 13.405 };

/** The registry hears of each event as well, sooner or later: `catchUp`. */
async function world(vehicle: Partial<BookedVehicle> = {}, place = inTheOpen) {
  const vehicleId = aVehicleId();
  const time = { now: noon };
  const clock = { now: () => time.now };
  const repository = memoryBookings();
  const first = aBookedVehicle({ vehicleId, ...vehicle });
  await repository.save({ vehicle: { next: first } });
  const bookings = new BookingService({ bookings: repository, clock });
  let presence: Presence | undefined;
  const heard: PresenceEvent[] = [];
  const calls: { due: Due; at: number }[] = [];
  const contacts = new ContactService({
    ...{ bookings, clock },
    presences: { load: async () => presence },
    listings: { listing: async () => listingAt(vehicleId, place) },
    setup: { zones: async () => sampleZones },
    due: { call: async (due, at) => void calls.push({ due, at }) },
  });
  return {
    ...{ vehicleId, time, contacts, calls, clock, bookings },
    booked: async () => (await repository.vehicle(vehicleId)) ?? first,
    async tell(event: PresenceEvent) {
      heard.push(event);
      await contacts.observe(event);
    },
    catchUp() {
      for (const event of heard.splice(0)) presence = withEvent(presence, event, time.now);
    },
    async looks() {
      for (const { at } of calls.splice(0)) {
        time.now = Math.max(time.now, at);
        await contacts.look(vehicleId);
      }
    },
  };
}

function listingAt(vehicleId: string, place: typeof inTheOpen) {
  const booking = { vehicleTypeId: 'e-golf', label: 'x', state: 'available' as const, version: 1 };
  return { vehicleId, booking, status: { boot: 1, sequence: 1, at: 1, place } };
}

function event(vehicleId: VehicleId, kind: PresenceEvent['kind'], session: number, at: number): PresenceEvent {
  return { vehicleId, kind, at, sessionId: `s${session}`, connection: session, certificateId: 'c' };
}

test('who is gone for five minutes is silent, and heard when it is back', async () => {
  const { vehicleId, tell, catchUp, looks, booked, time } = await world();
  await tell(event(vehicleId, 'connected', 1, noon - 10_000));
  await tell(event(vehicleId, 'disconnected', 1, noon));
  expect(await booked()).toMatchObject({ state: 'available', silentSince: noon });
  catchUp();
  await looks();
  expect(time.now).toBeGreaterThanOrEqual(noon + silence);
  expect(await booked()).toMatchObject({ state: 'non_contactable', silentSince: noon });
  expect((await booked()).quietPlace).toBeUndefined();
  await tell(event(vehicleId, 'connected', 2, time.now));
  const back = await booked();
  expect([back.state, back.silentSince]).toEqual(['available', undefined]);
  expect(back.moves).toEqual([{ event: 'comms_restored', at: time.now }]);
});

test('who falls silent where no line is to be had is known to be there', async () => {
  const { vehicleId, tell, catchUp, looks, booked } = await world({}, inGarage);
  await tell(event(vehicleId, 'disconnected', 1, noon));
  catchUp();
  await looks();
  expect(await booked()).toMatchObject({ state: 'non_contactable', quietPlace: true });
});

test('whichever order the events of connections come in, the last look says what is true', async () => {
  const kinds = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 });
  await fc.assert(
    fc.asyncProperty(kinds, fc.boolean(), async (order, endsHere) => {
      const { vehicleId, tell, catchUp, looks, booked, time } = await world();
      // Sessions 1 and 2 come and go; the last event is a third connection, or none.
      const story = [
        event(vehicleId, 'connected', 1, noon + 1),
        event(vehicleId, 'disconnected', 1, noon + 2),
        event(vehicleId, 'connected', 2, noon + 3),
        event(vehicleId, 'disconnected', 2, noon + 4),
        ...(endsHere ? [event(vehicleId, 'connected', 3, noon + 5)] : []),
      ];
      time.now = noon + 10;
      for (const at of order) {
        const told = story[at];
        if (told !== undefined) await tell(told);
      }
      catchUp();
      for (let round = 0; round < 3; round += 1) await looks();
      time.now += silence + tellingTime;
      const { state, silentSince } = await booked();
      expect([state, silentSince !== undefined]).toEqual(endsHere ? ['available', false] : ['non_contactable', true]);
    }),
    { numRuns: 60 },
  );
});

test('a car with a key that is back is nobody else’s before it has told what it logged, or has had a minute to', async () => {
  const keyUntil = noon + 60_000;
  const assignment = anAssignment({ heldAt: noon - 60_000, expiresAt: keyUntil, keyUntil });
  const { vehicleId, tell, catchUp, looks, booked, time } = await world({
    ...{ state: 'reserved', assignment, fence: 5, admits: 5 },
  });
  await tell(event(vehicleId, 'disconnected', 1, noon));
  catchUp();
  await looks();
  time.now = noon + 3_600_000;
  expect(isHoldable(await booked(), time.now)).toBe(false);
  expect(expired(await booked(), time.now)).toBeUndefined();
  await tell(event(vehicleId, 'connected', 2, time.now));
  catchUp();
  const back = await booked();
  expect([back.state, back.moves.map((move) => move.event)]).toEqual(['reserved', ['comms_restored']]);
  expect(isHoldable(back, time.now)).toBe(false);
  expect(expired(back, time.now)).toBeUndefined();
  await looks();
  expect(time.now).toBe(noon + 3_600_000 + tellingTime);
  expect(expired(await booked(), time.now)?.assignment).toBeUndefined();
  expect(expired(await booked(), time.now)?.state).toBe('available');
});

test('what is known changes nothing a second time', () => {
  const vehicle = aBookedVehicle();
  expect(lineBack(vehicle, noon)).toBeUndefined();
  const gone = lineGone(vehicle, noon) ?? vehicle;
  expect(gone.moves).toEqual([]);
  expect(lineGone(gone, noon + 1)).toBeUndefined();
  expect(lineBack(gone, noon)?.silentSince).toBeUndefined();
});

test('a car that says that it has told all it logged is heard at once, unless a line of it was not read or it may have said so before', async () => {
  const { vehicleId, tell, booked, time } = await world();
  await tell(event(vehicleId, 'disconnected', 1, noon));
  const silentOne = await booked();
  time.now = noon + 60_000;
  const at = time.now;
  expect(toldAll(silentOne, { at, logged: { boot: 0, sequence: 0 } })?.silentSince).toBeUndefined();
  expect(toldAll(silentOne, { at, logged: { boot: 0, sequence: 0 } })).toBeDefined();
  expect(toldAll(silentOne, { at, logged: { boot: 1, sequence: 2 } })).toBeUndefined();
  const read = { ...silentOne, log: { boot: 1, sequence: 2 } };
  expect(toldAll(read, { at, logged: { boot: 1, sequence: 2 } })).not.toHaveProperty('silentSince');
  expect(toldAll(read, { at, logged: { boot: 1, sequence: 3 } })).toBeUndefined();
  expect(toldAll(read, { at: noon + 1_000, logged: { boot: 1, sequence: 2 } })).toBeUndefined();
  expect(toldAll(read, { at })).toBeUndefined();
});

test('a car that was given back while it was silent is nobody else’s before it has told, or has had time to', () => {
  const silentCar = { state: 'non_contactable', former: ['available'], silentSince: noon } as const;
  const car = aBookedVehicle({ ...silentCar, fence: 1, admits: 1, barredUntil: noon + 600_000 });
  const later = noon + 3_600_000;
  const back = lineBack(car, later);
  if (back === undefined) throw new Error('nothing is written');
  expect([back.state, isHoldable(back, later), isHoldable(back, later + tellingTime)]).toEqual([
    'available',
    false,
    false,
  ]);
  // It stands, and takes in what it is told; or nothing more is heard.
  expect(isHoldable({ ...back, admits: 2 }, later)).toBe(true);
  expect(isHoldable(back, later + tellingTime + 60_000)).toBe(true);
});
