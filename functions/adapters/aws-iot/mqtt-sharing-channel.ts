import { type IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { AnswerChannel } from '#shared/sharing/reports/report-service.ts';
import type { SharingAnswer } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { sharingTopic } from '#shared/vehicle-cloud/topics.ts';

/** Seconds after which the vehicle has asked again. */
const worthwhile = 60;

/** The vehicle's own topic: no other certificate may listen there. */
export class MqttSharingChannel implements AnswerChannel {
  readonly #client: IoTDataPlaneClient;

  constructor(client: IoTDataPlaneClient) {
    this.#client = client;
  }

  async send(vehicleId: VehicleId, answer: SharingAnswer): Promise<void> {
    await this.#client.send(
      new PublishCommand({
        topic: sharingTopic(vehicleId),
        qos: 1,
        payload: new TextEncoder().encode(JSON.stringify(answer)),
        payloadFormatIndicator: 'UTF8_DATA',
        contentType: 'application/json',
        messageExpiry: worthwhile,
      }),
    );
  }
}
