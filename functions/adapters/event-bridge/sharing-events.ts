import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { MoveEvents, VehicleMoved } from '#shared/sharing/changes/change-service.ts';
import { Bus } from './bus.ts';

export class BusSharingEvents implements MoveEvents {
  readonly #bus: Bus;

  constructor(client: EventBridgeClient, bus: string) {
    this.#bus = new Bus(client, bus, 'fleetloom.sharing');
  }

  announce(move: VehicleMoved, eventId: string): Promise<void> {
    return this.#bus.put({ name: 'VehicleMoved', eventId, ...move });
  }
}
