import { type IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import type { AnswerChannel } from '#shared/ota/director/director-ports.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { updateTopic } from '#shared/vehicle-cloud/topics.ts';
import type { DirectorAnswer } from '#shared/vehicle-cloud/update-envelopes.ts';

/** Seconds after which the vehicle has asked again. */
const worthwhile = 60;

/** The vehicle's own topic: no other certificate may listen there. */
export class MqttUpdateChannel implements AnswerChannel {
  readonly #client: IoTDataPlaneClient;

  constructor(client: IoTDataPlaneClient) {
    this.#client = client;
  }

  async send(vehicleId: VehicleId, answer: DirectorAnswer): Promise<void> {
    await this.#client.send(
      new PublishCommand({
        topic: updateTopic(vehicleId),
        qos: 1,
        payload: new TextEncoder().encode(JSON.stringify(answer)),
        payloadFormatIndicator: 'UTF8_DATA',
        contentType: 'application/json',
        messageExpiry: worthwhile,
      }),
    );
  }
}
