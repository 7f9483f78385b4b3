import type { LocalClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { Tracing } from '#local/trace/traces.ts';
import type { Authorizer } from './authorizer.ts';
import type { ClientConnection, Connection } from './connection.ts';
import type { BrokerSettings } from './limits.ts';
import type { Message } from './message.ts';
import type { Presence } from './presence.ts';
import type { RetainedMessages } from './retained-messages.ts';
import type { Session, Subscription } from './session.ts';
import type { SessionJournal } from './session-journal.ts';
import type { Store, StoredMessage } from './stored-message.ts';
import type { SubscriptionTree } from './subscription-tree.ts';

/** Topics that a service of the cloud takes instead of subscribers: shadows, provisioning, Basic Ingest. */
export interface ReservedTopics {
  handles(topic: string): boolean;
  /**
   * Called after policies and limits. The publisher's PUBACK waits for the promise, so that an
   * acknowledged message was taken over; what takes long (a function) must not be waited for.
   * `connection` is undefined if the message came by HTTP or by a rule's republish.
   */
  handle(message: Message, connection: ClientConnection | undefined): void | Promise<void>;
}

/** Sees every message that is not on a reserved topic: the rules engine. The PUBACK waits for the promise. */
export type Tap = (message: Message) => void | Promise<void>;

/** What the handlers of packets share. */
export interface Core {
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly tracing: Tracing;
  readonly log: (line: string) => void;
  readonly authorizer: Authorizer;
  readonly settings: BrokerSettings;
  readonly random: () => number;
  readonly connections: Map<string, Connection>;
  /** When each client id last tried to connect, in ms, where that is limited. */
  readonly connectedAt: Map<string, number>;
  readonly sessions: Map<string, Session>;
  readonly subscriptions: SubscriptionTree<Session, Subscription>;
  readonly retained: RetainedMessages;
  /** Persistent sessions on disk. */
  readonly journal: SessionJournal;
  /** Wills of connected clients, by client id: if this process is killed, the next one sends them. */
  readonly wills: Store<StoredMessage>;
  readonly presence: Presence;
  readonly reserved: ReservedTopics[];
  readonly taps: Tap[];
}
