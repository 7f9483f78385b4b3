import type { CommandChannel } from '#shared/commands/command-channel.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import type { TripOrders } from '#shared/sharing/trips/recall-service.ts';
import { endTripCommand, tripOrderId } from '#shared/vehicle-cloud/sharing-envelopes.ts';

/** As a command that nobody waits for: the vehicle's log says what became of it. */
export class TripOrderMessages implements TripOrders {
  readonly #channel: CommandChannel;

  constructor(channel: CommandChannel) {
    this.#channel = channel;
  }

  async end(vehicleId: VehicleId, reservationId: ReservationId, now: number, until: number): Promise<void> {
    const commandId = tripOrderId(reservationId, now);
    const order = { commandId, name: endTripCommand, parameters: { reservationId }, issuedAt: now, expiresAt: until };
    await this.#channel.send(vehicleId, order, now);
  }
}
