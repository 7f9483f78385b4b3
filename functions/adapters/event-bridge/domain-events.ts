import type { DomainEvents } from '#shared/registry/consequence-service.ts';
import type { DomainEvent } from '#shared/registry/consequences.ts';
import type { Bus } from './bus.ts';

export class BusDomainEvents implements DomainEvents {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  announce(event: DomainEvent, eventId: string): Promise<void> {
    return this.#bus.put({ ...event, eventId });
  }
}
