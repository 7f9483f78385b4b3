import { Message } from 'azure-iot-common';
import * as z from 'zod/mini';
import type { Clock } from '#shared/kernel/clock.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { HubClients } from './hub-clients.ts';
import { isOffline, isUnanswered, meaningOf } from './hub-failures.ts';

/** Seconds in which the vehicle says that it has it; a command's handler may take most of it. */
const responseTimeout = { commands: 25, other: 10 };

export interface HubMessage {
  /** Name of the direct method, and property of a queued message. */
  readonly channel: string;
  readonly messageId: string;
  readonly payload: unknown;
  readonly expiresAt: number;
  /** `live`: of no use to a vehicle that is not there now. `queued`: it waits for the vehicle until it expires. */
  readonly mode: 'live' | 'queued';
}

const answer = z.object({ status: z.number(), payload: z.unknown() });
const withReply = z.object({ reply: z.unknown() });

/** Messages as direct methods, which reach a vehicle at once or not at all, and as queued messages where it is away. */
export class HubMessages {
  readonly #service: HubClients['service'];
  readonly #clock: Clock;

  constructor({ service }: Pick<HubClients, 'service'>, clock: Clock) {
    this.#service = service;
    this.#clock = clock;
  }

  /** The vehicle's reply where it answered with one. What was sent without a sign of arrival may have arrived. */
  async send(vehicleId: VehicleId, message: HubMessage): Promise<unknown> {
    if (message.expiresAt <= this.#clock.now()) return undefined;
    try {
      return await this.#call(vehicleId, message);
    } catch (error) {
      if (isUnanswered(error)) return undefined;
      if (!isOffline(error)) throw meaningOf(error, this.#clock.now());
      if (message.mode === 'queued') await this.#queue(vehicleId, message);
      return undefined;
    }
  }

  async #call(vehicleId: VehicleId, { channel, payload }: HubMessage): Promise<unknown> {
    const { result } = await this.#service.invokeDeviceMethod(vehicleId, {
      methodName: channel,
      payload,
      responseTimeoutInSeconds: channel === 'commands' ? responseTimeout.commands : responseTimeout.other,
      connectTimeoutInSeconds: 0,
    });
    const { status, payload: said } = answer.parse(result);
    return status === 200 ? withReply.safeParse(said).data?.reply : undefined;
  }

  async #queue(vehicleId: VehicleId, { channel, messageId, payload, expiresAt }: HubMessage): Promise<void> {
    const message = new Message(JSON.stringify(payload));
    message.messageId = messageId;
    message.expiryTimeUtc = expiresAt;
    message.contentType = 'application/json';
    message.contentEncoding = 'utf-8';
    message.properties.add('channel', channel);
    try {
      // Opens its line where it has none; what was frozen between two calls may have lost it.
      await this.#service.send(vehicleId, message);
    } catch (error) {
      if (error instanceof Error && error.name === 'DeviceMaximumQueueDepthExceededError') {
        throw new Failure('unavailable', 'vehicle-queue-full', 'Too much waits for this vehicle already.', {
          ...{ retryAfter: 60, cause: error },
        });
      }
      throw meaningOf(error, this.#clock.now());
    }
  }
}
