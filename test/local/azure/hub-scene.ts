import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import iot, { type Client } from 'azure-iot-device';
import { Mqtt } from 'azure-iot-device-mqtt';
import { generate, type IConnectPacket, type Packet } from 'mqtt-packet';
import { onTestFinished } from 'vitest';
import { LocalIotHub } from '#local/azure/hub/hub.ts';
import { KeptSessions } from '#local/azure/mqtt/kept-sessions.ts';
import { openMqttServer, type ProvisioningDoor } from '#local/azure/mqtt/mqtt-server.ts';
import { openPlant, signForVehicle } from '#local/azure/plant.ts';
import { signSas } from '#local/azure/sas.ts';
import { MovableClock } from '#local/clock.ts';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import { openAuthority } from '#local/iot/authority/authority.ts';
import type { StoredIdentity } from '#local/iot/authority/key-store.ts';
import { PacketReader } from '#local/iot/broker/packet-reader.ts';
import { State } from '#local/state/collection.ts';

export const hostName = 'fleetloom-test.azure-devices.net';

export type HubScene = Awaited<ReturnType<typeof openHubScene>>;

/** A hub with its MQTT port, over TLS on loopback, and a plant whose certificates it trusts. */
export async function openHubScene(provisioning: ProvisioningDoor = () => 5) {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-hub-'));
  const [state, clock] = [new State(directory), new MovableClock()];
  const faults = new PlannedFaults(clock);
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const authority = await openAuthority(join(directory, 'authority'));
  const plant = await openPlant(join(directory, 'plant'));
  const hub = new LocalIotHub({ hostName, state, clock, faults, log });
  const trusted = [new X509Certificate(plant.certificatePem)];
  const server = await openMqttServer({
    ...{ port: 0, server: authority.server, caPem: authority.caPem, hub, log, provisioning },
    ...{ sessions: new KeptSessions(state), authorities: () => trusted },
  });
  const close = async () => {
    hub.close();
    await server.close();
    state.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { directory, state, clock, faults, lines, authority, plant, hub, port: server.port, log, close };
}

export function keyOf({ hub }: HubScene, deviceId: string): string {
  const { authentication } = hub.identities.get(deviceId);
  if (authentication.type !== 'sas') throw new Error(`${deviceId} has no key`);
  return authentication.primaryKey;
}

export async function vehicleCertificate({ plant }: { readonly plant: StoredIdentity }, deviceId: string) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { key, cert: await signForVehicle(plant, deviceId, key) };
}

/** The SDK's own client, which names the hub and comes to this machine. */
export async function sasDevice(scene: HubScene, deviceId: string, key = keyOf(scene, deviceId)): Promise<Client> {
  const gateway = `GatewayHostName=localhost:${scene.port}`;
  const text = `HostName=${hostName};DeviceId=${deviceId};SharedAccessKey=${key};${gateway}`;
  return ready(scene, iot.Client.fromConnectionString(text, Mqtt));
}

export async function x509Device(scene: HubScene, deviceId: string, x509: { key: string; cert: string }) {
  const gatewayHostName = `localhost:${scene.port}`;
  const provider = new iot.X509AuthenticationProvider({ host: hostName, deviceId, gatewayHostName, x509 });
  return ready(scene, iot.Client.fromAuthenticationProvider(provider, Mqtt));
}

async function ready({ authority }: HubScene, client: Client): Promise<Client> {
  await client.setOptions({ ca: readFileSync(authority.caFile, 'utf8') });
  // What is refused is refused; the SDK would try for minutes.
  client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => -1 });
  client.on('error', () => {});
  onTestFinished(async () => {
    await client.close().catch(() => undefined);
  });
  return client;
}

type ConnectWish = Partial<
  Pick<IConnectPacket, 'clean' | 'keepalive' | 'password' | 'protocolVersion' | 'username' | 'will'>
>;

/** A device that keeps no rules: it sends what it is told to. */
export async function rawDevice(scene: HubScene, { clientId, ...more }: ConnectWish & { readonly clientId: string }) {
  const socket = connect({ host: '127.0.0.1', port: scene.port, ca: scene.authority.caPem, servername: 'localhost' });
  await once(socket, 'secureConnect');
  const seen: Packet[] = [];
  const reader = new PacketReader();
  let tell = () => {};
  socket.on('data', (chunk: Buffer) =>
    reader.push(chunk, (packet) => {
      seen.push(packet);
      tell();
    }),
  );
  const closed = once(socket, 'close').then(() => 'closed' as const);
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  const send = (packet: Packet) => void socket.write(generate(packet, { protocolVersion: 4 }));
  /** The next packet of a kind, those that came already included; each is given once. */
  const next = async <K extends Packet['cmd']>(cmd: K): Promise<Extract<Packet, { cmd: K }>> => {
    for (;;) {
      const at = seen.findIndex((packet) => packet.cmd === cmd);
      const [found] = at < 0 ? [] : seen.splice(at, 1);
      if (found !== undefined && isOf(found, cmd)) return found;
      if ((await Promise.race([closed, new Promise<void>((resolve) => (tell = resolve))])) === 'closed') {
        throw new Error(`closed before ${cmd}`);
      }
    }
  };
  const username = `${hostName}/${clientId}/?api-version=2021-04-12`;
  const usual: IConnectPacket = { cmd: 'connect', clientId, protocolVersion: 4, clean: true, keepalive: 60, username };
  send({ ...usual, ...more });
  return { send, next, closed, seen, socket };
}

export function sasOf(scene: HubScene, deviceId: string, expiresAt = Date.now() + 3_600_000): Buffer {
  return Buffer.from(signSas(`${hostName}/devices/${deviceId}`, keyOf(scene, deviceId), expiresAt));
}

function isOf<K extends Packet['cmd']>(packet: Packet, cmd: K): packet is Extract<Packet, { cmd: K }> {
  return packet.cmd === cmd;
}
