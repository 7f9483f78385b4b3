import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '#shared/kernel/clock.ts';
import type { Rollouts } from '#shared/ota/campaigns/ports.ts';
import type { DeviceAccess } from '#shared/registry/consequence-service.ts';
import type { Home } from '#shared/registry/home.ts';
import { certificatesOf } from '#shared/registry/vehicle.ts';
import type { PlatformTwins } from '#shared/twins/twin-repository.ts';
import type { DeviceMessages } from '#shared/vehicle-cloud/device-messages.ts';
import type { HubOrder } from './hub-calls.ts';

/** What nobody waits for: a hub that throttles delays it, and nobody else. */
export class HubOrders {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  readonly #clock: Clock;

  constructor(client: SQSClient, queueUrl: string, clock: Clock) {
    this.#client = client;
    this.#queueUrl = queueUrl;
    this.#clock = clock;
  }

  readonly messages = (home: Home): DeviceMessages => ({
    send: async (vehicleId, message) => {
      await this.#give({ kind: 'message', ...at(home), vehicleId, message: { ...message } });
      return {};
    },
  });

  readonly twins = (home: Home): PlatformTwins => ({
    show: (vehicleId, name, patches, order) =>
      this.#give({ kind: 'show', ...at(home), vehicleId, name, patches: [...patches], order }),
  });

  readonly access = (home: Home): DeviceAccess => ({
    setCertificate: async ({ vehicleId, lifeCycle, version: order }, certificateId, status) => {
      const own = certificatesOf(lifeCycle);
      // Of one that it had before: a hub knows the vehicle's identity alone, which the present one opens.
      if (own.length > 0 && own.every((each) => each.certificateId !== certificateId)) return;
      await this.#give({ kind: 'access', ...at(home), vehicleId, status, order });
    },
    disconnect: ({ vehicleId }) => this.#give({ kind: 'disconnect', ...at(home), vehicleId }),
  });

  readonly rollouts = (home: Home): Pick<Rollouts, 'join' | 'leave'> => ({
    join: (campaignId, vehicleId, { order }) => {
      const releasedAt = this.#clock.now();
      return this.#give({ kind: 'join', ...at(home), vehicleId, campaignId, releasedAt, order });
    },
    leave: (campaignId, vehicleId, { order }) =>
      this.#give({ kind: 'leave', ...at(home), vehicleId, campaignId, order }),
  });

  async #give(order: HubOrder): Promise<void> {
    const message = { QueueUrl: this.#queueUrl, MessageBody: JSON.stringify(order) };
    await this.#client.send(new SendMessageCommand(message));
  }
}

function at({ name, epoch }: Home) {
  return { home: name, epoch };
}
