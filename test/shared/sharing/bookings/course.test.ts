import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#shared/kernel/failure.ts';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import type { BookingStep } from '#shared/sharing/bookings/booking-repository.ts';
import { heard, silent } from '#shared/sharing/bookings/contact.ts';
import { groundOf } from '#shared/sharing/bookings/course.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { cleared, grounded } from '#shared/sharing/bookings/grounding.ts';
import { held } from '#shared/sharing/bookings/hold.ts';
import {
  cancelled,
  expired,
  extended,
  forcedEnd,
  isAssigned,
  keyed,
  vacated,
} from '#shared/sharing/bookings/reservation.ts';
import { chargeLow, chargeWell, enteredService, leftService } from '#shared/sharing/bookings/service-state.ts';
import {
  admitted,
  chargingEnded,
  chargingStarted,
  ended,
  paused,
  resumed,
  started,
} from '#shared/sharing/bookings/use.ts';
import { type MdsPosition, moved } from '#shared/sharing/mds.ts';
import { anOperationId } from '../../../contract/samples.ts';
import {
  aBookedVehicle,
  aClaim,
  aDriver,
  anAssignment,
  aReservationId,
  minutes,
  now,
} from '../../../support/booking-samples.ts';
import { sampleSystem } from '../../../support/sharing-city.ts';

const decisions = {
  ...{ started, paused, resumed, ended, chargingStarted, chargingEnded },
} as const;

type Act =
  | { readonly kind: 'hold' | 'extend' | 'key' | 'cancel' | 'expire' | 'force' | 'heard' | 'admit' }
  | { readonly kind: 'low' | 'well' | 'enter' | 'leave' | 'maintain' | 'maintained' | 'ground' }
  | { readonly kind: 'silent'; readonly quiet: boolean }
  | { readonly kind: 'log'; readonly of: keyof typeof decisions; readonly isStale: boolean };

const act: fc.Arbitrary<Act> = fc.oneof(
  ...(['hold', 'hold', 'key', 'extend', 'cancel', 'expire', 'force', 'heard', 'admit'] as const).map((kind) =>
    fc.constant({ kind }),
  ),
  ...(['low', 'well', 'enter', 'leave', 'maintain', 'maintained', 'ground'] as const).map((kind) =>
    fc.constant({ kind }),
  ),
  fc.record({ kind: fc.constant('silent' as const), quiet: fc.boolean() }),
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('log' as const),
      of: fc.constantFrom(
        'started' as const,
        'paused' as const,
        'resumed' as const,
        'ended' as const,
        'chargingStarted' as const,
        'chargingEnded' as const,
      ),
      isStale: fc.integer({ min: 0, max: 5 }).map((dice) => dice === 0),
    }),
  },
);

interface Scene {
  readonly vehicle: BookedVehicle;
  readonly driver: Driver;
  readonly at: number;
  readonly line: number;
}

/** Undefined: it changes nothing. */
function after({ vehicle, driver, at, line }: Scene, one: Act): BookingStep['vehicle'] | BookedVehicle | undefined {
  const { assignment } = vehicle;
  const assigned = assignment !== undefined && isAssigned(vehicle, assignment.reservationId) ? vehicle : undefined;
  switch (one.kind) {
    case 'hold':
      return held(vehicle, driver, aClaim(vehicle, driver, { heldAt: at }))?.vehicle;
    case 'extend':
      return (
        assigned && extended(assigned, driverOf(driver, assigned), sampleSystem.holds, anOperationId(), at).vehicle
      );
    case 'key':
      return assigned && keyed(assigned, driverOf(driver, assigned), at).vehicle;
    case 'cancel':
      return assigned && cancelled(assigned, at);
    case 'expire':
      return expired(vehicle, at);
    case 'force':
      return assigned && forcedEnd(assigned, at);
    case 'silent':
      return silent(vehicle, at, one.quiet);
    case 'heard':
      return heard(vehicle, at);
    case 'admit':
      return admitted(vehicle, vehicle.fence + 1);
    case 'low':
      return chargeLow(vehicle, at);
    case 'well':
      return chargeWell(vehicle, at);
    case 'ground':
      return grounded(vehicle, at);
    case 'enter':
      return enteredService(vehicle, vehicle, at);
    case 'leave':
      return leftService(vehicle, 'service_end', at);
    case 'maintain':
      return leftService(vehicle, 'maintenance', at);
    case 'maintained':
      return leftService(vehicle, 'maintenance_end', at);
    case 'log': {
      const reservationId = one.isStale ? aReservationId() : (assignment?.reservationId ?? aReservationId());
      const fence = one.isStale ? vehicle.fence - 1 : vehicle.fence;
      const position = { boot: 1, sequence: line };
      return decisions[one.of](vehicle, { reservationId, fence, at: at - 1_000, position, readAt: at });
    }
  }
}

function driverOf(driver: Driver, { assignment, vehicleId }: BookedVehicle): Driver {
  if (assignment === undefined) return driver;
  const { reservationId, expiresAt: until } = assignment;
  return { ...driver, active: { reservationId, vehicleId, until } };
}

test('whatever happens in whichever order, what is told is a way that MDS has, and versions, fences and revisions count it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(act, fc.integer({ min: 0, max: 20 * minutes })), { maxLength: 60 }), (acts) => {
      let vehicle = aBookedVehicle({ state: 'available', admits: 1 });
      let told: MdsPosition = { state: 'available' };
      let [at, line] = [now, 0];
      for (const [one, later] of acts) {
        at += later;
        line += 1;
        const step = orRefused(() => after({ vehicle, driver: aDriver(), at, line }, one));
        const next = step === undefined ? undefined : 'next' in step ? step.next : step;
        if (next === undefined) continue;
        for (const { event } of next.moves) told = moved(told, event);
        if (next.former === undefined) expect(told.state).toBe(next.state);
        expectCounted(vehicle, next);
        expectGrounded(vehicle, next);
        vehicle = next;
      }
    }),
    { numRuns: 600 },
  );
});

function orRefused<T>(decide: () => T): T | undefined {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Failure && error.kind === 'conflict') return undefined;
    throw error;
  }
}

function expectCounted(before: BookedVehicle, after: BookedVehicle): void {
  expect(after.version).toBe(before.version + 1);
  const [was, is] = [before.assignment?.reservationId, after.assignment?.reservationId];
  expect(after.fence - before.fence).toBe(is !== undefined && is !== was ? 1 : 0);
  expect(after.admits).toBeGreaterThanOrEqual(before.admits);
  if (JSON.stringify(before.assignment) !== JSON.stringify(after.assignment)) {
    expect(after.revision).toBe(before.revision + 1);
  }
  if (is !== undefined) expect(['reserved', 'stopped', 'on_trip']).toContain(groundOf(after));
  else expect(['reserved', 'on_trip', 'stopped']).not.toContain(groundOf(after));
}

/** Whoever has it goes on; with them it leaves service, and nobody has it in between. */
function expectGrounded(before: BookedVehicle, after: BookedVehicle): void {
  if (before.grounded !== true) return;
  const kept = after.assignment?.reservationId === before.assignment?.reservationId;
  expect(after.grounded === true).toBe(kept);
  if (!kept) expect([after.assignment, groundOf(after)]).toEqual([undefined, 'non_operational']);
}

test('what is not to be driven leaves service at once, or with whoever has it; what is mended before stays', () => {
  expect(grounded(aBookedVehicle({ state: 'available' }), now)).toMatchObject({
    ...{ state: 'non_operational', outOfService: 'maintenance' },
  });
  const low = aBookedVehicle({ state: 'non_operational', outOfService: 'low-charge' });
  expect(chargeWell(grounded(low, now) ?? low, now)).toBeUndefined();
  const assignment = anAssignment({ startedAt: now - minutes });
  const driven = aBookedVehicle({ state: 'on_trip', fence: 1, assignment });
  const marked = grounded(driven, now) ?? driven;
  expect(marked).toMatchObject({ state: 'on_trip', assignment, grounded: true, moves: [] });
  const line = {
    ...{ reservationId: assignment.reservationId, fence: 1, at: now, readAt: now },
    position: { boot: 1, sequence: 9 },
  };
  expect(ended(marked, line)).toMatchObject({ state: 'non_operational', outOfService: 'maintenance' });
  expect(ended(cleared(marked) ?? marked, line)).toMatchObject({ state: 'available' });
  const lapsed = aBookedVehicle({
    state: 'reserved',
    fence: 1,
    assignment: anAssignment({ expiresAt: now - 60 * minutes }),
  });
  expect(grounded(lapsed, now)).toMatchObject({ state: 'non_operational' });
});

test('a driver who has something else keeps it, whatever is released', () => {
  const active = { reservationId: aReservationId(), vehicleId: 'veh', until: now };
  expect(vacated(aDriver({ active }), aReservationId())).toBeUndefined();
  expect(vacated(aDriver({ active }), active.reservationId)?.active).toBeUndefined();
});
