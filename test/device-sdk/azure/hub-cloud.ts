import { X509Certificate } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { channels } from '#device-sdk/azure/channels.ts';
import { keepProgress } from '#device-sdk/identity-memory.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { azureIotHub } from '#device-sdk/transports/azure-iot-hub.ts';
import { Vehicle, type VehicleOptions } from '#device-sdk/vehicle.ts';
import { LocalProvisioning } from '#local/azure/dps/provisioning.ts';
import type { ProvisioningDoor } from '#local/azure/mqtt/mqtt-server.ts';
import { listenForServices } from '#local/azure/rest/rest-server.ts';
import { ServiceApi } from '#local/azure/rest/service-api.ts';
import { hostName, openHubScene, vehicleCertificate } from '../../local/azure/hub-scene.ts';
import { temporaryDirectory } from '../test-cloud.ts';

export const scope = '0ne0000TEST';

export type HubCloud = Awaited<ReturnType<typeof openHubCloud>>;

/** The local IoT Hub as vehicles see it: MQTT, and HTTPS for the time. */
export async function openHubCloud(provisioning?: ProvisioningDoor) {
  const scene = await openHubScene(provisioning);
  const { hub, authority } = scene;
  const api = new ServiceApi({ hub });
  const https = await listenForServices({ port: 0, server: authority.server, api, log: scene.log });
  const gateway = { host: 'localhost', mqttPort: scene.port, httpsPort: https.port };
  /** What vehicles and their transports say. */
  const journal: string[] = [];
  const transport = azureIotHub({
    ...{ gateway, caFile: authority.caFile, reconnectDelay: { min: 5, max: 50 } },
    log: (line) => journal.push(line),
  });
  /** As a plant and the provisioning service leave it. */
  const newVehicle = async (options: Partial<VehicleOptions> = {}) => {
    const vehicleId = `veh-${crypto.randomUUID()}`;
    hub.identities.create({ deviceId: vehicleId, authentication: { type: 'certificateAuthority' } });
    const { cert, key } = await vehicleCertificate(scene, vehicleId);
    const directory = temporaryDirectory();
    const certificateId = new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
    keepProgress(openStorage(directory), {
      ...{ step: 'provisioned', vehicleId, certificateId, certificatePem: cert, privateKeyPem: key },
      ...{ topics: channels, endpoint: hostName },
    });
    const open = () => {
      const vehicle = Vehicle.open({
        vin: 'WAUZZZ00000000001',
        directory,
        transport,
        log: (line) => journal.push(line),
        ...options,
      });
      onTestFinished(() => vehicle.close());
      return vehicle;
    };
    return { vehicleId, directory, open };
  };
  const said = (vehicleId: string, channel: string): unknown[] =>
    [0, 1, 2, 3]
      .flatMap((partition) => hub.feed.read(partition, 0))
      .filter(({ deviceId, properties }) => deviceId === vehicleId && properties['channel'] === channel)
      .map(({ body }) => JSON.parse(body.toString()));
  const desire = (vehicleId: string, desired: object) => {
    hub.twins.patchByService(vehicleId, { properties: { desired } });
  };
  /** What `cloud.json` says of it. */
  const file = {
    ...{ host: gateway.host, https: gateway.httpsPort, mqtt: gateway.mqttPort, caFile: authority.caFile },
    ...{ provisioning: { host: gateway.host, port: gateway.mqttPort, scope }, plant: scene.plant },
  };
  const close = async () => {
    await https.close();
    await scene.close();
  };
  return { ...scene, gateway, transport, journal, file, newVehicle, said, desire, close };
}

/** With the provisioning service, which trusts the plant and asks whoever stands for the registry: it admits everybody. */
export async function openProvisionedCloud() {
  let provisioning: LocalProvisioning;
  const cloud = await openHubCloud((...visitor) => provisioning.door(...visitor));
  const { hub, state, plant } = cloud;
  const service = 'fleetloom-test.azure-devices-provisioning.net';
  provisioning = new LocalProvisioning({ hostName: service, scope, hub, state, retryAfter: 0 });
  provisioning.groups.put('plant', {
    enrollmentGroupId: 'plant',
    attestation: { type: 'x509', x509: { signingCertificates: { primary: { certificate: plant.certificatePem } } } },
    allocationPolicy: 'custom',
    customAllocationDefinition: { webhookUrl: 'https://localhost/api/allocate', apiVersion: '2021-10-01' },
  });
  provisioning.allocateWith(async () => ({ status: 200, body: { iotHubHostName: hostName } }));
  return { cloud, provisioning };
}
