import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { generate, type IPublishPacket, type Packet, parser } from 'mqtt-packet';
import WebSocket, { createWebSocketStream } from 'ws';
import type { CloudFile } from '#local/cloud-file.ts';
import { signedAddress } from '../local/iot/broker/signed-address.ts';

type Heard = (topic: string, payload: Buffer) => void;

/** What the broker takes from a connection, and sends to it, in a second (AWS IoT Core message broker limits). */
const rate = 100;

/**
 * What the vehicles of a fleet say and hear, over a few signed MQTT connections that share it: the broker does for
 * each message what it does for a vehicle's, and need not hold ten thousand lines open.
 */
export class VehiclesLine {
  readonly #lines: readonly Line[];
  #turn = 0;

  private constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  /** @param filters what all connections together hear, each message once */
  static async open(cloud: CloudFile, connections: number, filters: readonly string[], heard: Heard) {
    const lines = await Promise.all(Array.from({ length: connections }, () => Line.open(cloud, filters, heard)));
    return new VehiclesLine(lines);
  }

  /** Resolves when the broker has taken it. */
  async publish(topic: string, payload: object): Promise<void> {
    this.#turn += 1;
    await this.#lines[this.#turn % this.#lines.length]?.publish(topic, JSON.stringify(payload));
  }

  close(): void {
    for (const line of this.#lines) line.close();
  }
}

class Line {
  readonly #socket: WebSocket;
  readonly #acknowledged = new Map<number, () => void>();
  #next = 0;
  #free = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async open(cloud: CloudFile, filters: readonly string[], heard: Heard): Promise<Line> {
    const { aws, mqtt } = cloud;
    const address = signedAddress(Number(new URL(mqtt.websocketUrl).port), aws);
    const socket = new WebSocket(address, 'mqtt', { ca: readFileSync(mqtt.caFile) });
    await once(socket, 'open');
    const line = new Line(socket);
    const incoming = parser({ protocolVersion: 5 });
    createWebSocketStream(socket).on('data', (chunk: Buffer) => void incoming.parse(chunk));
    const connected = once(incoming, 'packet');
    const clientId = `bench-${crypto.randomUUID()}`;
    line.#send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, keepalive: 1200, clientId });
    await connected;
    incoming.on('packet', (packet) => {
      if (packet.cmd === 'disconnect') throw new Error(`The broker ends a connection: ${packet.reasonCode}`);
      if (packet.cmd === 'puback') line.#acknowledged.get(packet.messageId ?? 0)?.();
      if (packet.cmd !== 'publish') return;
      if (packet.qos === 1) line.#send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0 });
      heard(packet.topic, Buffer.from(packet.payload));
    });
    for (const filter of filters) {
      line.#send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `$share/bench/${filter}`, qos: 1 }] });
    }
    return line;
  }

  async publish(topic: string, payload: string): Promise<void> {
    // In its turn: what is beyond the rate is not taken.
    this.#free = Math.max(this.#free, performance.now()) + 1000 / rate;
    await pause(this.#free - performance.now());
    this.#next = (this.#next % 60_000) + 1;
    const messageId = this.#next;
    const taken = new Promise<void>((resolve) => {
      this.#acknowledged.set(messageId, resolve);
    });
    const more = { qos: 1, dup: false, retain: false, messageId } as const;
    this.#send({ cmd: 'publish', topic, payload, ...more } satisfies IPublishPacket);
    await taken;
    this.#acknowledged.delete(messageId);
  }

  close(): void {
    this.#socket.close();
  }

  #send(packet: Packet): void {
    this.#socket.send(generate(packet, { protocolVersion: 5 }));
  }
}
