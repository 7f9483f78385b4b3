import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isHoldable } from '#shared/sharing/bookings/hold.ts';
import { expired } from '#shared/sharing/bookings/reservation.ts';
import { freeFrom, sweptFrom } from '#shared/sharing/search/free-from.ts';
import { anyVehicle, nearNow } from '../../../support/booking-samples.ts';

test('a search finds what a hold would get, at every instant, in every state that a vehicle can be in', () => {
  fc.assert(
    fc.property(anyVehicle, nearNow, (booked, now) => {
      const from = freeFrom(booked);
      expect(from !== undefined && from < now).toBe(isHoldable(booked, now));
    }),
    { numRuns: 5_000 },
  );
});

test('a hold that nobody came for is looked at when it can be released, and not before', () => {
  const held = anyVehicle.filter(({ state, assignment }) => state === 'reserved' && assignment !== undefined);
  fc.assert(
    fc.property(held, nearNow, (booked, now) => {
      const over = sweptFrom(booked);
      expect(over !== undefined && over < now).toBe(expired(booked, now) !== undefined);
    }),
    { numRuns: 2_000 },
  );
});
