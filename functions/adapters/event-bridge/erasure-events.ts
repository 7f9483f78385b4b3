import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { ErasureId, ErasureSubject } from '#shared/erasure/erasure.ts';
import type { ErasureEvents } from '#shared/erasure/erasure-repository.ts';
import { Bus, type BusEvent } from './bus.ts';

interface DataErased extends BusEvent {
  readonly subject: ErasureSubject;
}

export class BusErasureEvents implements ErasureEvents {
  readonly #bus: Bus;

  constructor(client: EventBridgeClient, bus: string) {
    this.#bus = new Bus(client, bus, 'fleetloom.erasure');
  }

  announce(erasureId: ErasureId, subject: ErasureSubject, at: number): Promise<void> {
    const event: DataErased = { name: 'DataErased', eventId: erasureId, subject, at };
    return this.#bus.put(event);
  }
}
