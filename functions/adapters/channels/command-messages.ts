import type { CommandChannel } from '#shared/commands/command-channel.ts';
import { commandReplySchema } from '#shared/commands/command-reply.ts';
import type { Instant } from '#shared/kernel/clock.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { DeviceMessages } from '#shared/vehicle-cloud/device-messages.ts';
import type { CommandReply, CommandRequest } from '#shared/vehicle-cloud/envelopes.ts';

/** Commands wait for a vehicle that is away until they expire. */
export class CommandMessages implements CommandChannel {
  readonly #messages: DeviceMessages;

  constructor(messages: DeviceMessages) {
    this.#messages = messages;
  }

  async send(vehicleId: VehicleId, request: CommandRequest, now: Instant): Promise<CommandReply | undefined> {
    const { commandId: messageId, expiresAt } = request;
    const message = { channel: 'commands', payload: request, expiresAt, mode: 'queued', messageId } as const;
    const { reply } = await this.#messages.send(vehicleId, message, now);
    // What cannot be read is said again on the way of all reports, where it is put aside with its reason.
    return commandReplySchema.safeParse(reply).data;
  }
}
