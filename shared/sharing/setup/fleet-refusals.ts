import { Failure } from '../../kernel/failure.ts';
import type { FleetVehicle } from './system.ts';

export function labelTaken({ systemId, label }: FleetVehicle): Failure {
  return new Failure('conflict', 'label-taken', `Another vehicle of ${systemId} has the label "${label}".`, {
    resolution: 'GET /v1/sharing/systems/{systemId}/vehicles names it; a vehicle that was sold gives its label up.',
    errors: [{ pointer: '/label', detail: 'is on another vehicle' }],
  });
}

export function sharedOtherwise(known: FleetVehicle, wanted: FleetVehicle): Failure {
  const isHere = known.systemId === wanted.systemId;
  const said = isHere ? 'with other data' : 'in another system';
  return new Failure('conflict', 'vehicle-shared-otherwise', `The vehicle is shared already, ${said}.`, {
    resolution: isHere
      ? 'PATCH /v1/sharing/vehicles/{vehicleId} changes its label and plan.'
      : 'There it is decommissioned first (POST /v1/sharing/vehicles/{vehicleId}/out-of-service).',
  });
}
