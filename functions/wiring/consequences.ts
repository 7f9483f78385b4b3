import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { ConsequenceService } from '#shared/registry/consequence-service.ts';
import { AwsIotDeviceAccess } from '../adapters/aws-iot/device-access.ts';
import { Bus } from '../adapters/event-bridge/bus.ts';
import { BusDomainEvents } from '../adapters/event-bridge/domain-events.ts';
import { setting } from '../environment.ts';

export function wireConsequences(): ConsequenceService {
  const access = new AwsIotDeviceAccess(new IoTClient({}), new IoTDataPlaneClient({}));
  const bus = new Bus(new EventBridgeClient({}), setting('EVENT_BUS_NAME'), 'fleetloom.registry');
  return new ConsequenceService(access, new BusDomainEvents(bus));
}
