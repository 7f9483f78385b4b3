import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { PackageEvents } from '#shared/partners/package-news.ts';
import { BusPackageEvents } from '../adapters/event-bridge/package-events.ts';
import { setting } from '../environment.ts';

export function wirePackageEvents(): PackageEvents {
  return new BusPackageEvents(new EventBridgeClient({}), setting('EVENT_BUS_NAME'));
}
