import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { OwnerChangeService } from '#shared/ownership/owner-changed.ts';
import { MqttClaimCodeChannel } from '../adapters/aws-iot/mqtt-claim-code-channel.ts';
import { Bus } from '../adapters/event-bridge/bus.ts';
import { setting } from '../environment.ts';

export function wireOwnerChanges(): OwnerChangeService {
  const bus = new Bus(new EventBridgeClient({}), setting('EVENT_BUS_NAME'), 'fleetloom.ownership');
  return new OwnerChangeService(
    { put: (event) => bus.put(event) },
    new MqttClaimCodeChannel(new IoTDataPlaneClient({})),
  );
}
