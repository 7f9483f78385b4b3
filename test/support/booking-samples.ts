import * as fc from 'fast-check';
import {
  type Assignment,
  type BookedVehicle,
  expiryGuard,
  tellingGuard,
} from '#shared/sharing/bookings/booked-vehicle.ts';
import { groundOf } from '#shared/sharing/bookings/course.ts';
import type { Driver, HoldRequest } from '#shared/sharing/bookings/driver.ts';
import { type HoldClaim, mostRequests } from '#shared/sharing/bookings/hold.ts';

import { type ReservationId, reservationIdOf } from '#shared/sharing/sharing-id.ts';
import { anOperationId, aPersonId, aVehicleId } from '../contract/samples.ts';
import { electricCar, sampleOperator, samplePlan, sampleSystem } from './sharing-city.ts';

/** When the samples are: a fixed instant, so that expiries lie on either side of it. */
export const now = 1_800_000_000_000;
export const minutes = 60_000;

const { operatorId } = sampleOperator;
const { systemId } = sampleSystem;
const { vehicleTypeId, planId } = electricCar;

export function aReservationId(at = now): ReservationId {
  return reservationIdOf(anOperationId(), at);
}

export function aBookedVehicle(changes: Partial<BookedVehicle> = {}): BookedVehicle {
  return {
    ...{ vehicleId: aVehicleId(), systemId, operatorId, vehicleTypeId, state: 'available' },
    ...{ fence: 0, admits: 1, revision: 0, version: 1, moves: [] },
    ...changes,
  };
}

export function aDriver(changes: Partial<Driver> = {}): Driver {
  return {
    ...{ operatorId, personId: aPersonId(), standing: 'verified', bornOn: '1990-05-31' },
    ...{ licence: { classes: ['AM', 'B'], validUntil: '2031-05-31' }, paymentMethod: 'pm-visa', debt: 0 },
    ...{ requests: [], version: 1 },
    ...changes,
  };
}

export function aRequest(changes: Partial<HoldRequest> = {}): HoldRequest {
  const key = anOperationId().slice(0, 16);
  return { key, fingerprint: 'f'.repeat(16), reservationId: aReservationId(), ...changes };
}

export function aClaim(
  vehicle: Pick<BookedVehicle, 'vehicleId'>,
  driver: Pick<Driver, 'personId'>,
  changes: Partial<HoldClaim> = {},
): HoldClaim {
  const heldAt = changes.heldAt ?? now;
  return {
    ...{ vehicleId: vehicle.vehicleId, operatorId, personId: driver.personId, systemId, vehicleTypeId },
    ...{ request: aRequest({ reservationId: aReservationId(heldAt) }), heldAt, expiresAt: heldAt + 15 * minutes },
    ...{ planId, planVersion: samplePlan.version, licence: 'B', bornBy: '2006-01-15', today: '2027-01-15' },
    ...changes,
  };
}

export function anAssignment(changes: Partial<Assignment> = {}): Assignment {
  return {
    ...{ reservationId: aReservationId(), personId: aPersonId(), heldAt: now, expiresAt: now + 15 * minutes },
    ...{ extensions: 0, planId, planVersion: 1 },
    ...changes,
  };
}

/** Instants about which clocks and guards may argue. */
export const nearNow = fc
  .constantFrom(-86_400_000, -tellingGuard - 1, -tellingGuard, -expiryGuard - 1, -expiryGuard, -1, 0, 1, 900_000)
  .map((ms) => now + ms);

const maybe = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((one) => (one === undefined ? {} : { [name]: one }));

const anyAssignment = fc
  .tuple(nearNow, maybe('keyUntil', nearNow), maybe('startedAt', nearNow))
  .map(([expiresAt, key, start]) => anAssignment({ expiresAt, ...key, ...start }));

const grounds = ['available', 'reserved', 'stopped', 'on_trip', 'non_operational', 'removed'] as const;
type Position = Pick<BookedVehicle, 'state' | 'former'>;

const anyPosition: fc.Arbitrary<Position> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom({ state: 'available' as const }, { state: 'reserved' as const }) },
  fc.constantFrom(...grounds).map((state) => ({ state })),
  {
    weight: 2,
    arbitrary: fc.constantFrom(...grounds).map((ground) => ({ state: 'non_contactable' as const, former: [ground] })),
  },
  fc.constantFrom('available' as const, 'reserved' as const).map((ground) => {
    return { state: 'elsewhere' as const, former: [ground] };
  }),
  fc.constant({ state: 'non_contactable' as const, former: ['available', 'elsewhere'] as const }),
);

const someVehicle: fc.Arbitrary<BookedVehicle> = anyPosition.chain((position) => {
  const isHeld = groundOf(position) === 'reserved';
  const assigned = fc.option(anyAssignment, { nil: undefined, freq: isHeld ? 9 : 1 });
  const assignment = isHeld ? assigned : assigned.map((one) => (one?.startedAt === undefined ? undefined : one));
  return fc
    .tuple(
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 4 }),
      assignment,
      maybe('barredUntil', nearNow),
      maybe('silentSince', nearNow),
      maybe('quietPlace', fc.constant(true as const)),
      maybe('outOfService', fc.constantFrom('low-charge' as const, 'maintenance' as const)),
    )
    .map(([fence, admits, present, ...rest]) =>
      aBookedVehicle({
        ...position,
        ...{ fence, admits },
        ...(present !== undefined && { assignment: present }),
        ...Object.assign({}, ...rest),
      }),
    );
});

const longAgo = now - 86_400_000;
const inGarage = {
  ...{ state: 'non_contactable' as const, former: ['reserved'] as const },
  ...{ quietPlace: true as const, silentSince: longAgo },
};

/** One thing or another may still stand in the way. */
const lapsedVehicle: fc.Arbitrary<BookedVehicle> = fc
  .tuple(
    fc.integer({ min: 2, max: 4 }),
    fc.constantFrom({}, { keyUntil: longAgo }, { keyUntil: now }, { keyUntil: longAgo, startedAt: longAgo }),
    fc.constantFrom({}, { silentSince: now }, { chargeLow: true as const }, { grounded: true as const }, inGarage, {
      ...inGarage,
      former: ['reserved', 'elsewhere'] as const,
    }),
  )
  .map(([admits, key, silence]) => {
    const assignment = anAssignment({ expiresAt: longAgo, ...key });
    return aBookedVehicle({ state: 'reserved', fence: 3, admits, assignment, ...silence });
  });

/** Where nobody has it, and somebody may have a key. */
const quietVehicle: fc.Arbitrary<BookedVehicle> = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }), maybe('barredUntil', nearNow))
  .map(([fence, admits, bar]) => aBookedVehicle({ ...inGarage, former: ['available'], fence, admits, ...bar }));

/** Any vehicle that could stand in the table, and some that could not. */
export const anyVehicle: fc.Arbitrary<BookedVehicle> = fc.oneof(
  { weight: 2, arbitrary: someVehicle },
  { weight: 1, arbitrary: lapsedVehicle },
  { weight: 1, arbitrary: quietVehicle },
);

const busyDriver: fc.Arbitrary<Driver> = fc
  .tuple(nearNow, maybe('keyed', fc.constant(true as const)))
  .map(([until, keyed]) => {
    return aDriver({ active: { reservationId: aReservationId(), vehicleId: aVehicleId(), until, ...keyed } });
  });

/** A third of them such that nothing stands against them. */
export const anyDriver: fc.Arbitrary<Driver> = fc.oneof(
  fc.constant(undefined).map(() => aDriver()),
  busyDriver,
  fc
    .tuple(
      fc.constantFrom(
        'verified' as const,
        'verified' as const,
        'verified' as const,
        'unverified' as const,
        'blocked' as const,
      ),
      fc.constantFrom(0, 0, 0, 1),
      maybe('bornOn', fc.constantFrom('1990-01-01', '2006-01-15', '2006-01-16')),
      maybe(
        'licence',
        fc.record({
          classes: fc.constantFrom(['B'], ['AM', 'B'], ['AM'], []),
          validUntil: fc.constantFrom('2031-05-31', '2027-01-15', '2027-01-14'),
        }),
      ),
      maybe(
        'active',
        fc.tuple(nearNow, maybe('keyed', fc.constant(true as const))).map(([until, keyed]) => {
          return { reservationId: aReservationId(), vehicleId: aVehicleId(), until, ...keyed };
        }),
      ),
      fc.constantFrom(0, 1, mostRequests - 1, mostRequests),
      maybe('recheckDueAt', fc.constantFrom(now - 1, now, now + 1)),
    )
    .map(([standing, debt, born, licence, active, count, recheck]) => {
      const { bornOn: _, licence: __, ...bare } = aDriver({ standing, debt });
      const requests = Array.from({ length: count }, (_, place) =>
        aRequest({ reservationId: aReservationId(now - 1 - place) }),
      );
      return { ...bare, ...born, ...licence, ...active, ...recheck, requests };
    }),
);
