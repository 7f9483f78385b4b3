import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ConsequenceService } from '#shared/registry/consequence-service.ts';
import { Bus } from '../adapters/event-bridge/bus.ts';
import { BusDomainEvents } from '../adapters/event-bridge/domain-events.ts';
import { setting } from '../environment.ts';
import { deviceAccess } from './device-cloud.ts';

export function wireConsequences(): ConsequenceService {
  const bus = new Bus(new EventBridgeClient({}), setting('EVENT_BUS_NAME'), 'fleetloom.registry');
  return new ConsequenceService(deviceAccess(), new BusDomainEvents(bus));
}
