import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import {
  isOperatorId,
  isSystemId,
  type OperatorId,
  reservationIdOf,
  type SystemId,
} from '#shared/sharing/sharing-id.ts';
import { aVehicleId } from '../contract/samples.ts';

export function anOperatorId(text = 'we-share'): OperatorId {
  if (!isOperatorId(text)) throw new Error(text);
  return text;
}

export function aSystemId(text = 'we-share-berlin'): SystemId {
  if (!isSystemId(text)) throw new Error(text);
  return text;
}

/** In the workshop, its last trip long over. */
export function aSharedCar(more: Partial<BookedVehicle> = {}): BookedVehicle {
  return {
    ...{ vehicleId: aVehicleId(), systemId: aSystemId(), operatorId: anOperatorId(), vehicleTypeId: 'e-golf' },
    ...{
      state: 'non_operational',
      outOfService: 'maintenance',
      fence: 3,
      admits: 4,
      revision: 9,
      version: 20,
      moves: [],
    },
    ...more,
  };
}

/** Somebody has it since then, for a quarter of an hour. */
export function anAssignment(heldAt: number): NonNullable<BookedVehicle['assignment']> {
  return {
    ...{ reservationId: reservationIdOf('a'.repeat(20), heldAt), personId: 'somebody', heldAt },
    ...{ expiresAt: heldAt + 900_000, extensions: 0, planId: 'by-the-minute', planVersion: 1 },
  };
}
