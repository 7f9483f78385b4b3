import type { Duplex } from 'node:stream';
import type { LocalClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { StoredIdentity } from '#local/iot/authority/key-store.ts';
import { currentHeader } from '#local/trace/context.ts';
import { noTracing, type Tracing } from '#local/trace/traces.ts';
import type { Authorizer, DevicePeer, Peer, SignedPeer } from './authorizer.ts';
import { type ClientConnection, Connection, type Departure } from './connection.ts';
import type { Core, ReservedTopics, Tap } from './core.ts';
import { answer, sendTo } from './direct-delivery.ts';
import { dispatch } from './dispatch.ts';
import { type BrokerSettings, defaultSettings } from './limits.ts';
import { type Listener, listen } from './listener.ts';
import type { DeliverableQos, Message, MessageProperties } from './message.ts';
import { Presence, type PresenceRecord, type PresenceStore } from './presence.ts';
import { publishedAt, reservedFor } from './publish.ts';
import { type DisconnectReason, reasonCode } from './reason-code.ts';
import { RetainedMessages } from './retained-messages.ts';
import { accept, announce } from './router.ts';
import { SessionJournal, type SessionRecord } from './session-journal.ts';
import { endSession, publishWill, restoreSessions } from './session-life.ts';
import { fromStored, type Store, type StoredCopy, type StoredMessage } from './stored-message.ts';
import { SubscriptionTree } from './subscription-tree.ts';
import { type CallerOf, listenForWebSockets } from './web-socket.ts';

export interface BrokerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly caPem: string;
  readonly server: StoredIdentity;
  readonly isRegistered?: (certificateId: string) => boolean;
  readonly authorizer: Authorizer<DevicePeer>;
  /** MQTT over WebSocket, for callers with AWS keys. */
  readonly webSocket?: WebSocketDoor;
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly tracing?: Tracing;
  readonly log: (line: string) => void;
  readonly reserved?: readonly ReservedTopics[];
  readonly taps?: readonly Tap[];
  readonly settings?: Partial<BrokerSettings>;
  /** Keeps version numbers across a restart: `state.collection('iot/presence')`. */
  readonly presence?: PresenceStore;
  /** Keeps persistent sessions, retained messages and wills across a restart. Default: for this process alone. */
  readonly stores?: BrokerStores;
  /** From 0 to below 1; chooses the member of a share. */
  readonly random?: () => number;
}

export interface WebSocketDoor {
  /** 0: any free port. */
  readonly port: number;
  readonly callerOf: CallerOf;
  readonly authorizer: Authorizer<SignedPeer>;
}

/** `state.collection('iot/sessions')` and so on. */
export interface BrokerStores {
  readonly sessions: Store<SessionRecord>;
  readonly messages: Store<StoredCopy>;
  readonly retained: Store<StoredMessage>;
  readonly wills: Store<StoredMessage>;
}

export interface PublishOptions {
  readonly qos?: DeliverableQos;
  readonly retain?: boolean;
  readonly properties?: MessageProperties;
}

export interface DisconnectOptions {
  readonly reason?: DisconnectReason;
  readonly preventWillMessage?: boolean;
  /** Ends the session too, with its subscriptions and stored messages. */
  readonly cleanSession?: boolean;
}

export interface Broker {
  /** Throws before it is open. */
  readonly port: number;
  /** Throws before it is open, or without a door for WebSockets. */
  readonly webSocketPort: number;
  /** Lets devices in. */
  open(): Promise<void>;
  /** Publishes as the cloud: to subscribers and taps, past the reserved topics. */
  publish(topic: string, payload: Buffer | string, options?: PublishOptions): Promise<void>;
  /** Publishes as a caller of the data plane or a rule does: a reserved topic goes to its service. */
  submit(topic: string, payload: Buffer | string, options?: PublishOptions): Promise<void>;
  /** Answers one client alone, and only if it subscribes to the topic. Says whether it does. */
  sendTo(connection: ClientConnection, topic: string, payload: Buffer | string): boolean;
  /** Answers one client alone, whether it subscribes or not. Says whether it is still there. */
  answer(connection: ClientConnection, topic: string, payload: Buffer | string): boolean;
  /** DeleteConnection. False: no such client is connected. */
  disconnect(clientId: string, options?: DisconnectOptions): boolean;
  /** Cuts every connection of a certificate; says how many there were. */
  disconnectCertificate(certificateId: string, reason?: DisconnectReason): number;
  connections(): readonly ClientConnection[];
  retainedMessage(topic: string): Message | undefined;
  retainedMessages(): readonly Message[];
  reserve(service: ReservedTopics): void;
  tap(tap: Tap): void;
  /** Call it once when rules are wired: sends the disconnect events and wills that a killed process left unsent. */
  announceLost(): void;
  close(): Promise<void>;
}

/** A broker that is open at once. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const broker = newBroker(options);
  await broker.open();
  return broker;
}

/**
 * The MQTT broker on the loopback addresses. Open it when rules and services are in place: what a device
 * sends before would be acknowledged and lost.
 */
export function newBroker(options: BrokerOptions): Broker {
  const core = newCore(options);
  restoreSessions(core);
  const sockets = new Set<Connection>();
  const listeners: Listener[] = [];
  const portOf = (listener: Listener | undefined) => {
    if (listener === undefined) throw new Error('The broker is not open yet.');
    return listener.port;
  };
  const join = (socket: Duplex, peer: Peer) => {
    const connection = new Connection(core, socket, peer, dispatch);
    sockets.add(connection);
    socket.once('close', () => sockets.delete(connection));
  };
  const end = (connection: Connection, departure: Departure, cleanSession = false) => {
    const session = connection.agreement?.session;
    connection.end(departure);
    if (cleanSession && session !== undefined) endSession(core, session);
  };
  return {
    get port() {
      return portOf(listeners[0]);
    },
    get webSocketPort() {
      return portOf(listeners[1]);
    },
    async open() {
      listeners.push(await listen(options, join));
      const { webSocket, server, log } = options;
      if (webSocket !== undefined) listeners.push(await listenForWebSockets({ ...webSocket, server, log }, join));
    },
    publish: (topic, payload, wishes) => accept(core, messageOf(core, topic, payload, wishes)),
    async submit(topic, payload, wishes) {
      await core.tracing.begin(publishedAt(topic, payload.length), async () => {
        const message = messageOf(core, topic, payload, wishes);
        const service = reservedFor(core.reserved, topic);
        await (service === undefined ? accept(core, message) : service.handle(message, undefined));
      });
    },
    sendTo: (connection, topic, payload) => sendTo(core, connection, messageOf(core, topic, payload, { qos: 1 })),
    answer: (connection, topic, payload) => answer(core, connection, messageOf(core, topic, payload, { qos: 1 })),
    disconnect(
      clientId,
      { reason = 'API_INITIATED_DISCONNECT', preventWillMessage = false, cleanSession = false } = {},
    ) {
      const connection = core.connections.get(clientId);
      if (connection === undefined) return false;
      end(connection, { reason, code: reasonCode.administrativeAction, preventWill: preventWillMessage }, cleanSession);
      return true;
    },
    disconnectCertificate(certificateId, reason = 'FORBIDDEN_ACCESS') {
      const cut = [...core.connections.values()].filter((one) => one.agreement?.principalId === certificateId);
      for (const connection of cut) end(connection, { reason, code: reasonCode.notAuthorized });
      return cut.length;
    },
    connections: () => [...core.connections.values()].flatMap(({ agreement }) => agreement ?? []),
    retainedMessage: (topic) => core.retained.get(topic, core.clock.now()),
    retainedMessages: () => core.retained.list(core.clock.now()),
    reserve: (service) => void core.reserved.push(service),
    tap: (tap) => void core.taps.push(tap),
    announceLost() {
      for (const event of core.presence.leftBehind(core.clock.now())) announce(core, event);
      for (const [clientId, will] of [...core.wills.entries()]) {
        core.wills.delete(clientId);
        publishWill(core, fromStored(will));
      }
    },
    async close() {
      const closed = listeners.map((listener) => listener.close());
      for (const connection of sockets) {
        connection.end({ reason: 'SERVER_INITIATED_DISCONNECT', code: reasonCode.shuttingDown });
      }
      await Promise.all(closed);
    },
  };
}

function newCore(options: BrokerOptions): Core {
  const {
    authorizer,
    webSocket,
    clock,
    faults,
    log,
    tracing = noTracing,
    random = Math.random,
    stores = inMemory(),
  } = options;
  return {
    authorizer: {
      connect(attempt) {
        const { peer } = attempt;
        if (peer.kind === 'device') return authorizer.connect({ ...attempt, peer });
        return webSocket?.authorizer.connect({ ...attempt, peer }) ?? { kind: 'refused', reason: 'no WebSockets here' };
      },
    },
    clock,
    faults,
    tracing,
    log,
    random,
    settings: { ...defaultSettings, ...options.settings },
    connections: new Map(),
    connectedAt: new Map(),
    sessions: new Map(),
    subscriptions: new SubscriptionTree(),
    retained: new RetainedMessages(stores.retained),
    journal: new SessionJournal(stores),
    wills: stores.wills,
    presence: new Presence(options.presence ?? new Map<string, PresenceRecord>()),
    reserved: [...(options.reserved ?? [])],
    taps: [...(options.taps ?? [])],
  };
}

function inMemory(): BrokerStores {
  return { sessions: new Map(), messages: new Map(), retained: new Map(), wills: new Map() };
}

function messageOf(core: Core, topic: string, payload: Buffer | string, options: PublishOptions = {}): Message {
  const { qos = 0, retain = false, properties = {} } = options;
  return {
    topic,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    qos,
    retain,
    clientId: undefined,
    principal: undefined,
    properties,
    timestamp: core.clock.now(),
    traceHeader: currentHeader(),
  };
}
