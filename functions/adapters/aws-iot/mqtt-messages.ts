import { type IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import type { Instant } from '#shared/kernel/clock.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { DeviceMessage, DeviceMessages, DownChannel, Handed } from '#shared/vehicle-cloud/device-messages.ts';
import {
  claimCodeTopic,
  commandTopic,
  ruleNames,
  sharingTopic,
  updateTopic,
  vehicleTopics,
} from '#shared/vehicle-cloud/topics.ts';

/** The vehicle's own topics: no other certificate may listen there. */
const topicOf: Readonly<Record<DownChannel, (vehicleId: string) => string>> = {
  commands: commandTopic,
  'claim-code': claimCodeTopic,
  updates: updateTopic,
  sharing: sharingTopic,
};

/** MQTT 5. The broker keeps a message until it expires, whatever the mode: a session waits for its vehicle. */
export class MqttMessages implements DeviceMessages {
  readonly #client: IoTDataPlaneClient;
  readonly #stage: string;

  constructor(client: IoTDataPlaneClient, stage: string) {
    this.#client = client;
    this.#stage = stage;
  }

  async send(vehicleId: VehicleId, message: DeviceMessage, now: Instant): Promise<Handed> {
    const { channel, payload, expiresAt } = message;
    await this.#client.send(
      new PublishCommand({
        topic: topicOf[channel](vehicleId),
        qos: 1,
        payload: new TextEncoder().encode(JSON.stringify(payload)),
        payloadFormatIndicator: 'UTF8_DATA',
        contentType: 'application/json',
        ...(channel === 'commands' && this.#answered(vehicleId, message)),
        // The broker drops what it could not deliver in time; the vehicle checks once more.
        messageExpiry: Math.max(1, Math.ceil((expiresAt - now) / 1000)),
      }),
    );
    return {};
  }

  /** Request and response: the answer comes back through a topic rule. */
  #answered(vehicleId: VehicleId, { messageId }: DeviceMessage) {
    return {
      responseTopic: vehicleTopics(vehicleId, ruleNames(this.#stage)).commandReplyTopic,
      correlationData: Buffer.from(messageId).toString('base64'),
    };
  }
}
