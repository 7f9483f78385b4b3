import { type IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import type { ClaimCodeChannel } from '#shared/ownership/code-service.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { ClaimCodeAnswer } from '#shared/vehicle-cloud/envelopes.ts';
import { claimCodeTopic } from '#shared/vehicle-cloud/topics.ts';

/** The vehicle's own topic: no other certificate may listen there. */
export class MqttClaimCodeChannel implements ClaimCodeChannel {
  readonly #client: IoTDataPlaneClient;

  constructor(client: IoTDataPlaneClient) {
    this.#client = client;
  }

  async send(vehicleId: VehicleId, answer: ClaimCodeAnswer, lifetime: number): Promise<void> {
    await this.#client.send(
      new PublishCommand({
        topic: claimCodeTopic(vehicleId),
        qos: 1,
        payload: new TextEncoder().encode(JSON.stringify(answer)),
        payloadFormatIndicator: 'UTF8_DATA',
        contentType: 'application/json',
        // A code that is over must not appear on a screen because the vehicle was in a tunnel.
        messageExpiry: Math.max(1, Math.ceil(lifetime / 1000)),
      }),
    );
  }
}
