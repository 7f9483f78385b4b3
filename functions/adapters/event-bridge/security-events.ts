import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SecurityEvent } from '#shared/security/security-event.ts';
import type { SecurityEvents } from '#shared/security/security-service.ts';
import { Bus } from './bus.ts';

export class BusSecurityEvents implements SecurityEvents {
  readonly #bus: Bus;

  constructor(client: EventBridgeClient, bus: string) {
    this.#bus = new Bus(client, bus, 'fleetloom.security');
  }

  announce(event: SecurityEvent, eventId: string): Promise<void> {
    return this.#bus.put({ name: 'SecurityEvent', eventId, ...event });
  }
}
