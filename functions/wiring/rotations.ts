import { RotationService } from '#shared/registry/rotation-service.ts';
import { registryPorts } from './registry.ts';

export function wireRotations(): RotationService {
  const { vehicles, clock } = registryPorts();
  return new RotationService(vehicles, clock);
}
