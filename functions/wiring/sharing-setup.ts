import type { Brand } from '#shared/registry/brand.ts';
import type { StatementCalls } from '#shared/sharing/keys/statement-service.ts';
import { SharingDoor } from '#shared/sharing/setup/acting.ts';
import { CityService } from '#shared/sharing/setup/city-service.ts';
import { OperatorService } from '#shared/sharing/setup/operator-service.ts';
import { type SharedFleetPorts, SharedFleetService } from '#shared/sharing/setup/shared-fleet-service.ts';
import { SystemService } from '#shared/sharing/setup/system-service.ts';

/** What the API needs of what operators set up. */
export function setupServices({
  brands,
  statements,
  ...ports
}: Omit<SharedFleetPorts, 'door'> & { readonly brands: readonly Brand[]; readonly statements: StatementCalls }) {
  const { setup } = ports;
  const sharingDoor = new SharingDoor(setup, brands);
  return {
    sharingDoor,
    operators: new OperatorService({ setup, door: sharingDoor, brands }),
    systems: new SystemService({ setup, door: sharingDoor, statements }),
    cities: new CityService({ setup, door: sharingDoor, statements }),
    sharedFleet: new SharedFleetService({ ...ports, door: sharingDoor }),
  };
}
