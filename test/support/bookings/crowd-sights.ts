import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import type { CarSeen, PersonSeen } from './history.ts';
import type { Image } from './stream-images.ts';

export function seenIn(image: Image): CarSeen | PersonSeen {
  return image.of === 'car' ? carSeen(image.vehicle) : personSeen(image.driver);
}

export function carSeen(vehicle: BookedVehicle, more: Partial<CarSeen> = {}): CarSeen {
  const { vehicleId: car, version, state, former, fence, admits, assignment, moves } = vehicle;
  return {
    ...{ of: 'car', car, version, state, fence, admits, reservation: assignment?.reservationId ?? null },
    ...(former !== undefined && { former: [...former] }),
    ...(assignment !== undefined && { person: assignment.personId, expiresAt: assignment.expiresAt }),
    ...(assignment?.keyUntil !== undefined && { keyUntil: assignment.keyUntil }),
    ...(assignment?.startedAt !== undefined && { startedAt: assignment.startedAt }),
    moves: moves.map(({ event }) => event),
    ...more,
  };
}

function personSeen({ personId, operatorId, version, active }: Driver): PersonSeen {
  return {
    ...{ of: 'person', person: personId, operator: operatorId, version },
    reservation: active?.reservationId ?? null,
  };
}
