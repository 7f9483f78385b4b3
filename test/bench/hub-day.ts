import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { channels } from '#device-sdk/azure/channels.ts';
import { keepProgress } from '#device-sdk/identity-memory.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { azureIotHub } from '#device-sdk/transports/azure-iot-hub.ts';
import { Vehicle } from '#device-sdk/vehicle.ts';
import { AzureHub } from '#functions/adapters/azure-iot-hub/azure-hub.ts';
import { hubClients } from '#functions/adapters/azure-iot-hub/hub-clients.ts';
import { LocalIotHub } from '#local/azure/hub/hub.ts';
import type { Messages } from '#local/azure/hub/metering.ts';
import { KeptSessions } from '#local/azure/mqtt/kept-sessions.ts';
import { openMqttServer } from '#local/azure/mqtt/mqtt-server.ts';
import { openPlant, signForVehicle } from '#local/azure/plant.ts';
import { listenForServices } from '#local/azure/rest/rest-server.ts';
import { ServiceApi } from '#local/azure/rest/service-api.ts';
import { MovableClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { openAuthority } from '#local/iot/authority/authority.ts';
import { State } from '#local/state/collection.ts';
import { type VehicleId, vehicleIdOf } from '#shared/registry/vehicle-id.ts';

const hostName = 'fleetloom-bench.azure-devices.net';
const day = 86_400_000;

/** A hub over TLS on loopback with one vehicle of the device SDK, and the platform's own adapter on the other side. */
export class HubDay {
  readonly vehicle: Vehicle;
  readonly vehicleId: VehicleId;
  readonly platform: AzureHub;
  readonly #hub: LocalIotHub;
  readonly #close: () => Promise<void>;

  private constructor(parts: {
    readonly vehicle: Vehicle;
    readonly vehicleId: VehicleId;
    readonly platform: AzureHub;
    readonly hub: LocalIotHub;
    readonly close: () => Promise<void>;
  }) {
    this.vehicle = parts.vehicle;
    this.vehicleId = parts.vehicleId;
    this.platform = parts.platform;
    this.#hub = parts.hub;
    this.#close = parts.close;
  }

  static async open(): Promise<HubDay> {
    const directory = mkdtempSync(join(tmpdir(), 'fleetloom-day-'));
    const [state, clock] = [new State(join(directory, 'state')), new MovableClock()];
    // Counted by days: not one that ends meanwhile.
    clock.runAhead(day - (clock.now() % day));
    const authority = await openAuthority(join(directory, 'authority'));
    const plant = await openPlant(join(directory, 'plant'));
    const log = () => {};
    const hub = new LocalIotHub({ hostName, state, clock, faults: noFaults, log });
    const { server, caPem, caFile } = authority;
    const trusted = [new X509Certificate(plant.certificatePem)];
    const mqtt = await openMqttServer({
      ...{ port: 0, server, caPem, hub, log, provisioning: () => 5, authorities: () => trusted },
      sessions: new KeptSessions(state),
    });
    const verifyBearer = async () => ['RegistryRead', 'RegistryWrite', 'ServiceConnect'] as const;
    const https = await listenForServices({ port: 0, server, api: new ServiceApi({ hub, verifyBearer }), log });
    const gateway = { host: 'localhost', mqttPort: mqtt.port, httpsPort: https.port };

    const vehicleId = vehicleIdOf('a'.repeat(20));
    hub.identities.create({ deviceId: vehicleId, authentication: { type: 'certificateAuthority' } });
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const certificatePem = await signForVehicle(plant, vehicleId, privateKeyPem);
    const certificateId = new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase();
    const memory = join(directory, 'vehicle');
    keepProgress(openStorage(memory), {
      ...{ step: 'provisioned', vehicleId, certificateId, certificatePem, privateKeyPem },
      ...{ topics: channels, endpoint: hostName },
    });
    const transport = azureIotHub({ gateway, caFile });
    const vehicle = Vehicle.open({ vin: 'WAUZZZ00000000001', directory: memory, transport });

    const credential = { getToken: async () => ({ token: 'bench', expiresOnTimestamp: Date.now() + day }) };
    const local = { authority: '', hubs: { [hostName]: { host: '127.0.0.1', https: https.port, amqp: 1 } }, ca: caPem };
    const platform = new AzureHub(hubClients(hostName, credential, local), clock);
    const close = async () => {
      await vehicle.close();
      hub.close();
      await Promise.all([https.close(), mqtt.close()]);
      state.close();
      rmSync(directory, { recursive: true, force: true });
    };
    return new HubDay({ vehicle, vehicleId, platform, hub, close });
  }

  /** What the vehicle has cost until now. */
  get messages(): Messages {
    return this.#hub.metering.messages(this.vehicleId);
  }

  /** What the vehicle has reported in its twin. */
  get reported(): unknown {
    return this.#hub.twins.get(this.vehicleId).reported.value;
  }

  /** Bytes of each of its messages on this channel. */
  sizes(channel: string): readonly number[] {
    return [0, 1, 2, 3]
      .flatMap((partition) => this.#hub.feed.read(partition, 0))
      .filter(({ properties }) => properties['channel'] === channel)
      .map(({ body }) => body.length);
  }

  close(): Promise<void> {
    return this.#close();
  }
}
