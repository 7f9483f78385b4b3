import { type IoTClient, ResourceNotFoundException, UpdateCertificateCommand } from '@aws-sdk/client-iot';
import {
  DeleteConnectionCommand,
  type IoTDataPlaneClient,
  ResourceNotFoundException as NoConnection,
} from '@aws-sdk/client-iot-data-plane';
import type { DeviceAccess, VehicleAtHome } from '#shared/registry/consequence-service.ts';
import type { CertificateStatus } from '#shared/registry/consequences.ts';

/** Certificates and connections in AWS IoT. What is gone already needs no second removal. */
export class AwsIotDeviceAccess implements DeviceAccess {
  readonly #control: IoTClient;
  readonly #data: IoTDataPlaneClient;

  constructor(control: IoTClient, data: IoTDataPlaneClient) {
    this.#control = control;
    this.#data = data;
  }

  async setCertificate(_vehicle: VehicleAtHome, certificateId: string, newStatus: CertificateStatus): Promise<void> {
    try {
      await this.#control.send(new UpdateCertificateCommand({ certificateId, newStatus }));
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
  }

  async disconnect({ vehicleId: clientId }: VehicleAtHome): Promise<void> {
    try {
      // The session goes too: nothing may wait in it for a vehicle that is shut out.
      await this.#data.send(new DeleteConnectionCommand({ clientId, cleanSession: true }));
    } catch (error) {
      if (!(error instanceof NoConnection)) throw error;
    }
  }
}
