import { GateService } from '#shared/registry/gate-service.ts';
import { deviceAccess } from './device-cloud.ts';
import { registryPorts } from './registry.ts';

export function wireGate(): GateService {
  return new GateService(registryPorts().vehicles, deviceAccess());
}
