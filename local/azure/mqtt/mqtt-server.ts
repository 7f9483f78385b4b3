import type { X509Certificate } from 'node:crypto';
import { createServer, type TLSSocket } from 'node:tls';
import type { IConnectPacket, Packet } from 'mqtt-packet';
import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import { type ShownChain, shownChain } from '#local/azure/trusted-authorities.ts';
import { systemClock } from '#local/clock.ts';
import type { StoredIdentity } from '#local/iot/authority/key-store.ts';
import { type Listener, listenTwice } from '#local/iot/broker/listener.ts';
import { admission, returnCode } from './admission.ts';
import { DeviceSession } from './device-session.ts';
import type { KeptSessions } from './kept-sessions.ts';
import { type Addressee, readUserName } from './user-name.ts';
import { type Ending, Wire } from './wire.ts';

/** Who has been let in, and what becomes of its packets, but for signs of life and goodbyes. */
export interface Guest {
  packet(packet: Packet): void;
  end(ending: Ending): void;
}

/** Lets devices in that ask for their hub; a number is MQTT's return code. */
export type ProvisioningDoor = (
  connect: IConnectPacket,
  addressee: Addressee & { readonly kind: 'provisioning' },
  chain: ShownChain | undefined,
  wire: Wire,
) => Guest | number;

export interface MqttServerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly server: StoredIdentity;
  readonly caPem: string;
  readonly hub: LocalIotHub;
  readonly sessions: KeptSessions;
  /** Whose device certificates the hub trusts. */
  readonly authorities: () => readonly X509Certificate[];
  readonly provisioning: ProvisioningDoor;
  readonly log: (line: string) => void;
}

/** A connection without a keep-alive time of its own, and the longest one ("Communicate with an IoT hub by MQTT"). */
const longestKeepAlive = 1177;

/** MQTT 3.1.1 over TLS for the devices of a hub, and for those that ask the provisioning service for one. */
export async function openMqttServer(options: MqttServerOptions): Promise<Listener> {
  const { server: identity, caPem, port, log } = options;
  const open = new Set<Wire>();
  const listener = await listenTwice({ port, log }, () => {
    const server = createServer({
      key: identity.privateKeyPem,
      cert: identity.certificatePem,
      // Who is trusted is for each device's identity to say; without a list Node would send all roots of the web.
      ca: caPem,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    });
    server.on('secureConnection', (socket) => {
      const wire = welcome(socket, options, () => open.delete(wire));
      open.add(wire);
    });
    return server;
  });
  return {
    port: listener.port,
    async close() {
      for (const wire of open) wire.cut();
      await listener.close();
    },
  };
}

function welcome(socket: TLSSocket, options: MqttServerOptions, onEnd: () => void): Wire {
  const chain = shownChain(socket);
  let guest: Guest | undefined;
  const wire = new Wire(socket, options.hub.clock, {
    packet(packet) {
      if (guest !== undefined) hear(packet, guest, wire);
      else if (packet.cmd === 'connect') guest = enter(packet, chain, wire, options);
      else wire.end({ kind: 'refused', reason: 'the first packet is no CONNECT' });
    },
    end(ending) {
      onEnd();
      guest?.end(ending);
    },
  });
  return wire;
}

function hear(packet: Packet, guest: Guest, wire: Wire): void {
  if (packet.cmd === 'pingreq') wire.send({ cmd: 'pingresp' });
  else if (packet.cmd === 'disconnect') wire.end({ kind: 'goodbye' });
  else guest.packet(packet);
}

function enter(
  connect: IConnectPacket,
  chain: ShownChain | undefined,
  wire: Wire,
  options: MqttServerOptions,
): Guest | undefined {
  if (connect.protocolVersion !== 4) return refuse(wire, returnCode.unacceptableVersion, 'MQTT 3.1.1 is spoken here');
  const addressee = readUserName(connect.username ?? '');
  if (addressee === undefined) return refuse(wire, returnCode.badUserNameOrPassword, 'the user name is not understood');
  const keepAlive = Math.min(connect.keepalive || longestKeepAlive, longestKeepAlive);
  wire.expectLife(keepAlive * 1500);
  if (addressee.kind === 'hub') return enterHub(connect, addressee, chain, wire, options);
  const door = options.provisioning(connect, addressee, chain, wire);
  if (typeof door === 'number') return refuse(wire, door, `${addressee.registrationId} may not register`);
  wire.send({ cmd: 'connack', returnCode: returnCode.accepted, sessionPresent: false });
  return door;
}

function enterHub(
  connect: IConnectPacket,
  addressee: Addressee & { readonly kind: 'hub' },
  chain: ShownChain | undefined,
  wire: Wire,
  options: MqttServerOptions,
): Guest | undefined {
  const { hub, sessions, authorities, log } = options;
  const { deviceId } = addressee;
  const verdict = admission(connect, addressee, chain, { hub, authorities });
  if (verdict.kind === 'refused') {
    log(`the hub lets nobody in: ${verdict.reason}`);
    return refuse(wire, verdict.code, verdict.reason);
  }
  const clean = connect.clean === true;
  const kept = clean ? undefined : sessions.load(deviceId);
  const { authMethod, until } = verdict;
  const session = new DeviceSession({ hub, wire, deviceId, authMethod, clean, will: willOf(connect), sessions });
  wire.send({ cmd: 'connack', returnCode: returnCode.accepted, sessionPresent: kept !== undefined });
  session.open(kept);
  const cancel = until === undefined ? undefined : endAt(until, wire);
  return {
    packet: (packet) => session.packet(packet),
    end(ending) {
      cancel?.();
      session.end(ending);
    },
  };
}

/** The device's signature counts real time. */
function endAt(seconds: number, wire: Wire): () => void {
  const left = seconds * 1000 - systemClock.now();
  return systemClock.after(left, () => wire.end({ kind: 'lost', reason: 'its signature has expired' }));
}

function willOf({ will }: IConnectPacket) {
  return will === undefined ? undefined : { topic: will.topic, payload: will.payload, retain: will.retain === true };
}

function refuse(wire: Wire, code: number, reason: string): undefined {
  wire.send({ cmd: 'connack', returnCode: code, sessionPresent: false });
  wire.end({ kind: 'refused', reason });
  return undefined;
}
