import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { LegAsked, PackageChanged, PackageEvents } from '#shared/partners/package-news.ts';
import { Bus } from './bus.ts';

export class BusPackageEvents implements PackageEvents {
  readonly #bus: Bus;

  constructor(client: EventBridgeClient, bus: string) {
    this.#bus = new Bus(client, bus, 'fleetloom.sharing');
  }

  changed(event: PackageChanged, eventId: string): Promise<void> {
    return this.#bus.put({ name: 'PackageChanged', eventId, ...event });
  }

  asked(event: LegAsked, eventId: string): Promise<void> {
    return this.#bus.put({ name: 'LegAsked', eventId, ...event });
  }
}
