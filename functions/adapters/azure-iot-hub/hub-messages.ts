import common from 'azure-iot-common';
import * as z from 'zod/mini';
import type { Clock } from '#shared/kernel/clock.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { DeviceMessage, DeviceMessages, Handed } from '#shared/vehicle-cloud/device-messages.ts';
import type { HubClients } from './hub-clients.ts';
import { isOffline, isUnanswered, meaningOf } from './hub-failures.ts';
import type { HubVehicle } from './hub-vehicle.ts';

/** Seconds in which the vehicle says that it has it, and those that its reply may take where somebody waits for that. */
const responseTimeout = { usual: 10, least: 5, most: 25 };

const answer = z.object({ status: z.number(), payload: z.unknown() });
const withReply = z.object({ reply: z.unknown() });

/** Messages as direct methods, which reach a vehicle at once or not at all, and queued where it is away. */
export class HubMessages implements DeviceMessages {
  readonly #service: Pick<HubClients['service'], 'invokeDeviceMethod'>;
  readonly #queued: HubClients['queued'];
  readonly #vehicle: HubVehicle;
  readonly #clock: Clock;

  constructor({ service, queued }: Pick<HubClients, 'service' | 'queued'>, vehicle: HubVehicle, clock: Clock) {
    this.#service = service;
    this.#queued = queued;
    this.#vehicle = vehicle;
    this.#clock = clock;
  }

  async send(vehicleId: VehicleId, message: DeviceMessage): Promise<Handed> {
    try {
      return await this.#call(vehicleId, message);
    } catch (error) {
      // It may have arrived: the vehicle's own word will tell.
      if (isUnanswered(error)) return {};
      if (!isOffline(error)) throw meaningOf(error, this.#clock.now());
      if (message.mode === 'queued') await this.#queue(vehicleId, message);
      return {};
    }
  }

  async #call(vehicleId: VehicleId, { channel, payload, replyWithin }: DeviceMessage): Promise<Handed> {
    const { usual, least, most } = responseTimeout;
    const { result } = await this.#service.invokeDeviceMethod(vehicleId, {
      ...{ methodName: channel, payload, connectTimeoutInSeconds: 0 },
      responseTimeoutInSeconds: replyWithin === undefined ? usual : Math.max(least, Math.min(replyWithin, most)),
    });
    const { status, payload: said } = answer.parse(result);
    const reply = status === 200 ? withReply.safeParse(said).data?.reply : undefined;
    return reply === undefined ? {} : { reply };
  }

  async #queue(vehicleId: VehicleId, { channel, messageId, payload, expiresAt }: DeviceMessage): Promise<void> {
    // Where it is at home elsewhere by now, it would wait here for nobody.
    await this.#vehicle.require(vehicleId);
    const message = new common.Message(JSON.stringify(payload));
    message.messageId = messageId;
    message.expiryTimeUtc = expiresAt;
    message.contentType = 'application/json';
    message.contentEncoding = 'utf-8';
    message.properties.add('channel', channel);
    try {
      await this.#queued.send(vehicleId, message);
    } catch (error) {
      if (error instanceof Error && error.name === 'DeviceMaximumQueueDepthExceededError') {
        throw new Failure('unavailable', 'vehicle-queue-full', 'Too much waits for this vehicle already.', {
          retryAfter: 60,
        });
      }
      throw meaningOf(error, this.#clock.now());
    }
  }
}
