import { IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { GateService } from '#shared/registry/gate-service.ts';
import { AwsIotDeviceAccess } from '../adapters/aws-iot/device-access.ts';
import { registryPorts } from './registry.ts';

export function wireGate(): GateService {
  const access = new AwsIotDeviceAccess(new IoTClient({}), new IoTDataPlaneClient({}));
  return new GateService(registryPorts().vehicles, access);
}
