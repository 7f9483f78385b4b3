import type { TLSSocket } from 'node:tls';
import { generate, type Packet } from 'mqtt-packet';
import type { Cancel, LocalClock } from '#local/clock.ts';
import { BadPacket, PacketReader } from '#local/iot/broker/packet-reader.ts';

/** Why a connection came to its end, for the log and for who is told of it. */
export type Ending =
  /** The client said goodbye: its will is not sent. */
  | { readonly kind: 'goodbye' }
  /** The client broke a rule. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The link broke, or the hub wants it so. */
  | { readonly kind: 'lost'; readonly reason: string };

export interface WireEvents {
  packet(packet: Packet): void;
  /** Once, whatever happened. */
  end(ending: Ending): void;
}

// 256 KB of a message and its topic.
const largestPacket = 256 * 1024 + 16 * 1024;
const connectWithin = 30_000;
const closingTime = 1000;

/** One socket: bytes to packets, signs of life, and one orderly end. */
export class Wire {
  readonly #socket: TLSSocket;
  readonly #clock: LocalClock;
  readonly #events: WireEvents;
  readonly #reader = new PacketReader(largestPacket);
  #heardAt: number;
  #cancelDeadline: Cancel;
  #ended = false;

  constructor(socket: TLSSocket, clock: LocalClock, events: WireEvents) {
    this.#socket = socket;
    this.#clock = clock;
    this.#events = events;
    this.#heardAt = clock.now();
    this.#cancelDeadline = clock.after(connectWithin, () => this.end({ kind: 'lost', reason: 'it sent no CONNECT' }));
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.end({ kind: 'lost', reason: 'the connection broke' }));
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** From CONNECT on: at every packet the client has so long again. */
  expectLife(ms: number): void {
    this.#cancelDeadline();
    const silence = this.#clock.now() - this.#heardAt;
    if (silence >= ms) this.end({ kind: 'lost', reason: 'its keep-alive time is over' });
    else this.#cancelDeadline = this.#clock.after(ms - silence, () => this.expectLife(ms));
  }

  send(packet: Packet): void {
    if (!this.#ended) this.#socket.write(generate(packet, { protocolVersion: 4 }));
  }

  end(ending: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelDeadline();
    this.#close();
    this.#events.end(ending);
  }

  /** Nobody says goodbye. */
  cut(): void {
    this.#socket.destroy();
  }

  cutWhenSent(): void {
    this.#socket.write('', () => this.cut());
  }

  #read(chunk: Buffer): void {
    if (this.#ended) return; // the rest of what a refused client still says
    this.#heardAt = this.#clock.now();
    try {
      this.#reader.push(chunk, (packet) => {
        if (!this.#ended) this.#events.packet(packet);
      });
    } catch (error) {
      if (!(error instanceof BadPacket)) throw error;
      this.end({ kind: 'refused', reason: error.message });
    }
  }

  /** Lets the last packet out, then closes even if the peer does not. Sockets live in real time. */
  #close(): void {
    if (this.#socket.destroyed) return;
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), closingTime);
    timer.unref();
    this.#socket.once('close', () => clearTimeout(timer));
  }
}
