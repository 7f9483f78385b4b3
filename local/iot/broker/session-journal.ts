import type { Outgoing } from './message.ts';
import type { Session } from './session.ts';
import { fromStored, type Store, type StoredCopy, toStored } from './stored-message.ts';

/** What stays of a session that outlives its connection. */
export interface SessionRecord {
  readonly expirySeconds: number;
  readonly subscriptions: readonly {
    readonly text: string;
    readonly qos: 0 | 1;
    readonly noLocal: boolean;
    readonly retainAsPublished: boolean;
  }[];
  /** When its client left, in milliseconds; absent while it is connected. */
  readonly awaySince?: number;
}

export interface SessionStores {
  /** By client id. */
  readonly sessions: Store<SessionRecord>;
  /** By the order in which they came. */
  readonly messages: Store<StoredCopy>;
}

/** A session as the process before this one left it. */
export interface LeftSession {
  readonly clientId: string;
  readonly record: SessionRecord;
  readonly waiting: readonly Outgoing[];
}

const digits = 13;

/**
 * Persistent sessions on disk: the subscriptions, and each QoS 1 message until its client has acknowledged it. A
 * publisher's PUBACK comes after the message stands there, so no `kill -9` loses one that was acknowledged.
 */
export class SessionJournal {
  readonly #stores: SessionStores;
  readonly #keys = new WeakMap<Outgoing, string>();
  #last = 0;

  constructor(stores: SessionStores) {
    this.#stores = stores;
    for (const [key] of stores.messages.entries()) this.#last = Math.max(this.#last, Number(key));
  }

  /** Call it whenever the session changed. One that ends with its connection is not kept. */
  save({ clientId, expirySeconds, subscriptions }: Session, awaySince?: number): void {
    if (expirySeconds === 0) {
      this.#stores.sessions.delete(clientId);
      return;
    }
    const kept = [...subscriptions.values()].map(({ text, qos, noLocal, retainAsPublished }) => {
      return { text, qos, noLocal, retainAsPublished };
    });
    const away = awaySince === undefined ? {} : { awaySince };
    this.#stores.sessions.set(clientId, { expirySeconds, subscriptions: kept, ...away });
  }

  end({ clientId }: Session): void {
    this.#stores.sessions.delete(clientId);
  }

  keep(clientId: string, outgoing: Outgoing): void {
    this.#last += 1;
    const key = String(this.#last).padStart(digits, '0');
    const { message, qos, retain } = outgoing;
    this.#stores.messages.set(key, { clientId, qos, retain, message: toStored(message) });
    this.#keys.set(outgoing, key);
  }

  /** It was acknowledged, has expired or is not wanted any more. */
  drop(outgoing: Outgoing): void {
    const key = this.#keys.get(outgoing);
    if (key !== undefined) this.#stores.messages.delete(key);
  }

  /** Everything that stands here, in its order. Messages of sessions that are gone are cleared away. */
  left(): readonly LeftSession[] {
    const waiting = new Map<string, Outgoing[]>();
    const records = new Map([...this.#stores.sessions.entries()]);
    for (const [key, copy] of [...this.#stores.messages.entries()].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!records.has(copy.clientId)) {
        this.#stores.messages.delete(key);
        continue;
      }
      const outgoing = { qos: copy.qos, retain: copy.retain, message: fromStored(copy.message) };
      this.#keys.set(outgoing, key);
      waiting.set(copy.clientId, [...(waiting.get(copy.clientId) ?? []), outgoing]);
    }
    return [...records].map(([clientId, record]) => ({ clientId, record, waiting: waiting.get(clientId) ?? [] }));
  }
}
