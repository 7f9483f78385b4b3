import type { CommandChannel } from '#shared/commands/command-channel.ts';
import { commandReplySchema } from '#shared/commands/command-reply.ts';
import type { DeviceMessages } from '#shared/vehicle-cloud/device-messages.ts';

/** Commands wait for a vehicle that is away until they expire. */
export class CommandMessages implements CommandChannel {
  readonly #messages: DeviceMessages;

  constructor(messages: DeviceMessages) {
    this.#messages = messages;
  }

  send: CommandChannel['send'] = async (vehicleId, request, now, replyWithin) => {
    const { commandId: messageId, expiresAt } = request;
    const message = { channel: 'commands', payload: request, expiresAt, mode: 'queued', messageId } as const;
    const awaited = replyWithin !== undefined && { replyWithin };
    const { reply } = await this.#messages.send(vehicleId, { ...message, ...awaited }, now);
    // What cannot be read is said again on the way of all reports, where it is put aside with its reason.
    return commandReplySchema.safeParse(reply).data;
  };
}
