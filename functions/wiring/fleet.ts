import { FleetService } from '#shared/registry/fleet-service.ts';
import { registryPorts } from './registry.ts';

export function wireFleet(): FleetService {
  return new FleetService(registryPorts());
}
