import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { OwnerChangeService } from '#shared/ownership/owner-changed.ts';
import { ClaimCodeMessages } from '../adapters/channels/claim-code-messages.ts';
import { Bus } from '../adapters/event-bridge/bus.ts';
import { setting } from '../environment.ts';
import { systemClock } from './clock.ts';
import { deviceMessages } from './device-cloud.ts';

export function wireOwnerChanges(): OwnerChangeService {
  const bus = new Bus(new EventBridgeClient({}), setting('EVENT_BUS_NAME'), 'fleetloom.ownership');
  return new OwnerChangeService(
    { put: (event) => bus.put(event) },
    new ClaimCodeMessages(deviceMessages(), systemClock),
  );
}
