import { type IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import type { CommandChannel } from '#shared/commands/command-channel.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { CommandRequest } from '#shared/vehicle-cloud/envelopes.ts';
import { type RuleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';

/** MQTT 5 request and response: the answer comes back through a topic rule. */
export class MqttCommandChannel implements CommandChannel {
  readonly #client: IoTDataPlaneClient;
  readonly #rules: RuleNames;

  constructor(client: IoTDataPlaneClient, rules: RuleNames) {
    this.#client = client;
    this.#rules = rules;
  }

  async send(vehicleId: VehicleId, request: CommandRequest, now: number): Promise<void> {
    const topics = vehicleTopics(vehicleId, this.#rules);
    await this.#client.send(
      new PublishCommand({
        topic: topics.commandTopic,
        qos: 1,
        payload: new TextEncoder().encode(JSON.stringify(request)),
        payloadFormatIndicator: 'UTF8_DATA',
        contentType: 'application/json',
        responseTopic: topics.commandReplyTopic,
        correlationData: Buffer.from(request.commandId).toString('base64'),
        // The broker drops what it could not deliver in time; the vehicle checks once more.
        messageExpiry: Math.max(1, Math.ceil((request.expiresAt - now) / 1000)),
      }),
    );
  }
}
