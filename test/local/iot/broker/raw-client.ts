import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { generate, type IConnackPacket, type IConnectPacket, type Packet, parser } from 'mqtt-packet';
import { vi } from 'vitest';
import type { IssuedKeys } from '#local/iot/authority/authority.ts';
import type { World } from './fixture.ts';

type Named<Name extends Packet['cmd']> = Extract<Packet, { cmd: Name }>;

/** An MQTT client that says exactly what it is told to, also what no library would. */
export class RawClient {
  readonly socket: TLSSocket;
  readonly received: Packet[] = [];
  closed = false;
  readonly #version: 4 | 5;

  constructor(socket: TLSSocket, version: 4 | 5) {
    this.socket = socket;
    this.#version = version;
    const incoming = parser({ protocolVersion: version });
    incoming.on('packet', (packet) => void this.received.push(packet));
    socket.on('data', (chunk: Buffer) => void incoming.parse(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
    });
  }

  send(packet: Packet): void {
    this.socket.write(generate(packet, { protocolVersion: this.#version }));
  }

  /** Takes the first packet of this kind out of what was received, waiting for it. */
  async next<Name extends Packet['cmd']>(cmd: Name): Promise<Named<Name>> {
    const isWanted = (packet: Packet): packet is Named<Name> => packet.cmd === cmd;
    const found = await vi.waitFor(
      () => {
        const packet = this.received.find(isWanted);
        if (packet === undefined) throw new Error(`no ${cmd} among: ${this.received.map((one) => one.cmd).join()}`);
        return packet;
      },
      { timeout: 5000, interval: 5 },
    );
    this.received.splice(this.received.indexOf(found), 1);
    return found;
  }

  /** Everything that the broker does because of earlier packets has happened when this resolves. */
  async settled(): Promise<void> {
    this.send({ cmd: 'pingreq' });
    await this.next('pingresp');
  }

  async closedByBroker(): Promise<void> {
    if (!this.closed) await once(this.socket, 'close');
  }

  async subscribe(topic: string, qos: 0 | 1 | 2 = 1, more: { nl?: boolean; rap?: boolean; rh?: number } = {}) {
    this.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos, ...more }] });
    return (await this.next('suback')).granted;
  }

  publish(
    topic: string,
    payload: Buffer | string = 'x',
    qos: 0 | 1 | 2 = 1,
    more: Partial<Named<'publish'>> = {},
  ): void {
    this.send({
      cmd: 'publish',
      topic,
      payload,
      qos,
      dup: false,
      retain: false,
      ...(qos > 0 ? { messageId: 7 } : {}),
      ...more,
    });
  }

  /** The payloads that came so far, acknowledged. */
  async payloads(): Promise<readonly string[]> {
    await this.settled();
    const texts: string[] = [];
    for (const packet of this.received.splice(0)) {
      if (packet.cmd !== 'publish') continue;
      texts.push(packet.payload.toString());
      if (packet.qos === 1) this.send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0 });
    }
    return texts;
  }
}

export async function openSocket(
  world: World,
  keys: Pick<IssuedKeys, 'certificatePem' | 'privateKeyPem'> | undefined,
  servername = 'localhost',
) {
  const socket = connect({
    host: '127.0.0.1',
    port: world.broker.port,
    servername,
    ca: world.authority.caPem,
    ...(keys === undefined ? {} : { cert: keys.certificatePem, key: keys.privateKeyPem }),
  });
  await once(socket, 'secureConnect');
  return socket;
}

export interface Connected {
  readonly client: RawClient;
  readonly connack: IConnackPacket;
}

/** Connects with MQTT 5 unless `packet` says otherwise, and waits for the answer. */
export async function connectRaw(
  world: World,
  keys: Pick<IssuedKeys, 'certificatePem' | 'privateKeyPem'>,
  packet: Partial<IConnectPacket> & { readonly clientId: string },
): Promise<Connected> {
  const version = packet.protocolVersion === 4 ? 4 : 5;
  const client = new RawClient(await openSocket(world, keys), version);
  client.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: version, clean: true, keepalive: 600, ...packet });
  return { client, connack: await client.next('connack') };
}
