import type { Duplex } from 'node:stream';
import { generate, type Packet } from 'mqtt-packet';
import type { Cancel } from '#local/clock.ts';
import type { Fate } from '#local/faults/faults.ts';
import { vehiclesIn } from '#local/trace/hop-record.ts';
import { iotUnits } from '#local/trace/metering.ts';
import type { Allows, Peer } from './authorizer.ts';
import type { Core } from './core.ts';
import { Inflow } from './inflow.ts';
import { limits } from './limits.ts';
import type { Outgoing } from './message.ts';
import { BadPacket, PacketReader } from './packet-reader.ts';
import { encodePublish } from './publish-packet.ts';
import { type DisconnectReason, type ReasonCode, reasonCode } from './reason-code.ts';
import { expectReply } from './replies.ts';
import type { Outlet, Session } from './session.ts';
import { Throughput } from './throughput.ts';

/** A connected client, as services behind the broker see it. */
export interface ClientConnection {
  readonly clientId: string;
  /** The certificate's id; that of an IAM identity for who came by WebSocket. */
  readonly principalId: string;
  readonly protocolVersion: 4 | 5;
  readonly sessionIdentifier: string;
  readonly ipAddress: string;
  readonly connectedAt: number;
}

/** What CONNECT agreed on. */
export interface Agreement extends ClientConnection {
  readonly allows: Allows;
  readonly session: Session;
  readonly keepAliveSeconds: number;
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number;
  readonly wantsReasons: boolean;
  readonly onEnd: (departure: Departure) => void;
}

export interface Departure {
  readonly reason: DisconnectReason;
  /** Sent to an MQTT 5 client before the end. */
  readonly code?: ReasonCode;
  readonly explanation?: string;
  /** The will is not sent: the client said goodbye, or the operator wants so. */
  readonly preventWill?: boolean;
}

const closingTime = 1000;
const webSocketLife = limits.webSocketSeconds * 1000;
// A client that does not read: QoS 0 messages beyond this are dropped.
const unreadBytes = 4 * 1024 * 1024;

/** One socket: bytes to packets, keep-alive, sending, and one orderly end. */
export class Connection implements Outlet {
  readonly core: Core;
  readonly peer: Peer;
  /** Topic aliases that the client has set. */
  readonly aliases = new Map<number, string>();
  readonly inflow: Inflow;
  /** What the client sends, and what it is sent. */
  readonly throughput: Throughput;
  readonly #delivered: Throughput;
  readonly #socket: Duplex;
  readonly #reader = new PacketReader();
  #agreement: Agreement | undefined;
  #ended = false;
  #heardAt: number;
  #cancelDeadline: Cancel;
  #cancelLife: Cancel | undefined;

  constructor(core: Core, socket: Duplex, peer: Peer, handle: (connection: Connection, packet: Packet) => void) {
    this.core = core;
    this.peer = peer;
    this.#socket = socket;
    this.inflow = new Inflow(socket, () => this.#agreement?.protocolVersion === 4);
    this.throughput = new Throughput(core.settings.publishing, core.clock.now());
    this.#delivered = new Throughput(core.settings.publishing, core.clock.now());
    this.#heardAt = core.clock.now();
    this.#cancelDeadline = core.clock.after(core.settings.connectWithinSeconds * 1000, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#read(chunk, handle));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.end({ reason: 'CONNECTION_LOST' }));
  }

  /** Undefined until CONNECT was accepted. */
  get agreement(): Agreement | undefined {
    return this.#agreement;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get window(): number {
    return this.#agreement?.receiveMaximum ?? 0;
  }

  open(agreement: Agreement): void {
    this.#agreement = agreement;
    this.#cancelDeadline();
    this.#awaitSignOfLife(agreement.keepAliveSeconds * 1500);
    if (this.peer.kind === 'signed') this.#cancelLife = this.core.clock.after(webSocketLife, () => this.#expire());
  }

  /** Before CONNECT was accepted, `protocolVersion` says how to write. */
  send(packet: Packet, protocolVersion = this.#agreement?.protocolVersion ?? 4): void {
    if (!this.#ended) this.#socket.write(generate(packet, { protocolVersion }));
  }

  admits(outgoing: Outgoing): boolean {
    const agreement = this.#agreement;
    if (agreement === undefined || this.#ended) return false;
    const { topic, payload } = outgoing.message;
    if (payload.length + Buffer.byteLength(topic) > agreement.maximumPacketSize) return false;
    if (outgoing.qos === 0 && this.#socket.writableLength > unreadBytes) return false;
    return agreement.allows('iot:Receive', `topic/${topic}`);
  }

  paces({ message }: Outgoing): boolean {
    return this.#delivered.admits(message.payload.length, this.core.clock.now());
  }

  transmit(outgoing: Outgoing, packetId: number | undefined, again: boolean): void {
    const { message, qos } = outgoing;
    const { clientId = '' } = this.#agreement ?? {};
    // The client's PUBACK is metered as a message.
    const units = { iotMessages: iotUnits(message.payload.length) + qos };
    const notes = again ? ['repeated'] : [];
    const place = { kind: 'delivery', label: message.topic, units, notes, vehicles: vehiclesIn(clientId) } as const;
    this.core.tracing.resumeNow(message.traceHeader, place, () => {
      expectReply(this.core.tracing, message, clientId);
      this.#transmit(outgoing, packetId, again);
    });
  }

  #transmit(outgoing: Outgoing, packetId: number | undefined, again: boolean): void {
    const fate = this.core.faults.at('mqtt', outgoing.message.topic);
    const apply = (decided: Fate) => this.#transmitAs(decided, outgoing, packetId, again);
    if (!(fate instanceof Promise)) apply(fate);
    else fate.then(apply).catch((error: unknown) => this.core.log(`a delivery failed: ${String(error)}`));
  }

  /** Ends the connection once: says why, closes, and lets the session know. */
  end(departure: Departure): void {
    if (this.#ended) return;
    const agreement = this.#agreement;
    const { code, explanation } = departure;
    if (agreement?.protocolVersion === 5 && code !== undefined && !this.#socket.destroyed) {
      const properties = explanation === undefined ? {} : { reasonString: explanation };
      this.send({ cmd: 'disconnect', reasonCode: code, properties });
    }
    this.#ended = true;
    this.#cancelDeadline();
    this.#cancelLife?.();
    this.#close();
    agreement?.onEnd(departure);
  }

  /** The link breaks: nobody says goodbye. */
  cut(): void {
    this.#socket.destroy();
  }

  #transmitAs(fate: Fate, outgoing: Outgoing, packetId: number | undefined, again: boolean): void {
    const agreement = this.#agreement;
    if (agreement === undefined || this.#ended || fate.kind === 'drop') return;
    if (fate.kind === 'fail' && fate.error.name === 'ThrottlingException') return; // too fast for this client
    if (fate.kind === 'cut' && fate.when === 'before') {
      this.cut();
      return;
    }
    if (fate.kind === 'fail') {
      this.core.log(`the link of ${agreement.clientId} fails: ${fate.error.message}`);
      this.#socket.destroy();
      return;
    }
    const bytes = encodePublish(outgoing, packetId, again, agreement.protocolVersion, this.core.clock.now());
    if (bytes.length > agreement.maximumPacketSize) {
      // MQTT 5, 3.1.2.11.4: act as if it had been sent
      if (packetId !== undefined) agreement.session.acknowledged(packetId);
      return;
    }
    if (fate.kind === 'cut') {
      this.#socket.write(bytes, () => this.cut());
      return;
    }
    this.#socket.write(bytes);
    if (fate.kind === 'duplicate') this.#socket.write(bytes);
  }

  #read(chunk: Buffer, handle: (connection: Connection, packet: Packet) => void): void {
    if (this.#ended) return; // the rest of what a refused client still says
    this.#heardAt = this.core.clock.now();
    try {
      this.#reader.push(chunk, (packet) => this.inflow.take(() => this.#handle(packet, handle)));
    } catch (error) {
      if (!(error instanceof BadPacket)) throw error;
      const code = error.kind === 'too-large' ? reasonCode.quotaExceeded : reasonCode.malformed;
      this.end({ reason: 'CLIENT_ERROR', code, explanation: error.message });
    }
  }

  #handle(packet: Packet, handle: (connection: Connection, packet: Packet) => void): void {
    if (this.#ended) return;
    try {
      handle(this, packet);
    } catch (error) {
      const client = this.#agreement?.clientId ?? this.peer.ipAddress;
      this.core.log(`a packet of ${client} broke the broker: ${String(error)}`);
      this.end({ reason: 'SERVER_ERROR', code: reasonCode.unspecified });
    }
  }

  #awaitSignOfLife(limit: number): void {
    const silence = this.core.clock.now() - this.#heardAt;
    if (silence >= limit) {
      this.end({ reason: 'MQTT_KEEP_ALIVE_TIMEOUT', code: reasonCode.keepAliveTimeout });
      return;
    }
    this.#cancelDeadline = this.core.clock.after(limit - silence, () => this.#awaitSignOfLife(limit));
  }

  #expire(): void {
    const explanation = 'a WebSocket lives a day';
    this.end({ reason: 'WEBSOCKET_TTL_EXPIRATION', code: reasonCode.administrativeAction, explanation });
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
