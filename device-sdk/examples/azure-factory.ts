import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { Transport } from '#device-sdk/transport.ts';
import { type AzureIotHubPlace, azureIotHub } from '#device-sdk/transports/azure-iot-hub.ts';
import type { VehicleOptions } from '#device-sdk/vehicle.ts';
import { signRequest } from '#local/azure/plant.ts';

const cloudFile = z.object({
  azure: z.object({
    host: z.string(),
    https: z.number(),
    mqtt: z.number(),
    caFile: z.string(),
    provisioning: z.object({ host: z.string(), port: z.number(), scope: z.string() }),
    plant: z.object({ certificateFile: z.string(), privateKeyFile: z.string() }),
  }),
});

type Patience = Pick<AzureIotHubPlace, 'reconnectDelay'>;

/**
 * A vehicle of Azure IoT Hub gets its certificate from its plant, whose authority the local cloud has made; the
 * provisioning service says which hub it belongs to.
 *
 * @param cloud what `cloud.json` holds
 */
export function factory(
  cloud: unknown,
  vehicleId: string,
  more: Patience = {},
): Required<Pick<VehicleOptions, 'transport' | 'claim'>> {
  const { caFile, provisioning, plant } = cloudFile.parse(cloud).azure;
  return {
    transport: transportOf(cloud, more),
    claim: {
      provisioningHost: `${provisioning.host}:${provisioning.port}`,
      scope: provisioning.scope,
      caFile,
      plant: (request) =>
        signRequest(
          {
            certificatePem: readFileSync(plant.certificateFile, 'utf8'),
            privateKeyPem: readFileSync(plant.privateKeyFile, 'utf8'),
          },
          vehicleId,
          request,
        ),
    },
  };
}

/** For a vehicle that may be sent here. @param cloud what `cloud.json` holds */
export function transportOf(cloud: unknown, more: Patience = {}): Transport {
  const { host, https, mqtt, caFile } = cloudFile.parse(cloud).azure;
  return azureIotHub({ gateway: { host, mqttPort: mqtt, httpsPort: https }, caFile, ...more });
}
