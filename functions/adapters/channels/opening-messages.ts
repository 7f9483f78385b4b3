import type { CommandChannel } from '#shared/commands/command-channel.ts';
import type { OpeningOrders } from '#shared/sharing/care/opening-service.ts';
import { openDoorsCommand } from '#shared/vehicle-cloud/sharing-envelopes.ts';

/** As a command that nobody waits for: who is on the phone with the driver hears what becomes of it. */
export class OpeningMessages implements OpeningOrders {
  readonly #channel: CommandChannel;

  constructor(channel: CommandChannel) {
    this.#channel = channel;
  }

  open: OpeningOrders['open'] = async (vehicleId, { orderId: commandId, reservationId }, issuedAt, expiresAt) => {
    const order = { commandId, name: openDoorsCommand, parameters: { reservationId }, issuedAt, expiresAt };
    await this.#channel.send(vehicleId, order, issuedAt);
  };
}
