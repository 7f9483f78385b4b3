import type { DisconnectReason } from './reason-code.ts';

/** What is remembered of a client id, also across a restart of the local cloud. */
export interface PresenceRecord {
  readonly versionNumber: number;
  readonly sessionIdentifier: string;
  readonly principalIdentifier: string;
  readonly thingName?: string;
  readonly connected: boolean;
  /** When it connected or disconnected, in milliseconds. */
  readonly since: number;
}

/** A `Map` or a `Collection` of the state directory. */
export interface PresenceStore {
  get(clientId: string): PresenceRecord | undefined;
  set(clientId: string, record: PresenceRecord): unknown;
  entries(): IterableIterator<[string, PresenceRecord]>;
}

export interface PresenceEvent {
  readonly topic: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Arrival {
  readonly clientId: string;
  readonly sessionIdentifier: string;
  readonly principalIdentifier: string;
  readonly thingName: string | undefined;
  readonly ipAddress: string;
}

const hour = 3_600_000;

/** Life-cycle events (`$aws/events/presence/…`) and the version number that puts them in order. */
export class Presence {
  readonly #store: PresenceStore;
  /** Connected when the process before this one died. */
  readonly #lost: Set<string>;

  constructor(store: PresenceStore) {
    this.#store = store;
    this.#lost = new Set([...store.entries()].flatMap(([clientId, { connected }]) => (connected ? [clientId] : [])));
  }

  /** @param sessionSeconds life of the client's session: the count is kept as long, but at least an hour */
  arrived(arrival: Arrival, now: number, sessionSeconds: number): PresenceEvent | undefined {
    const { clientId, sessionIdentifier, principalIdentifier, thingName, ipAddress } = arrival;
    this.#lost.delete(clientId);
    const before = this.#store.get(clientId);
    const forgotten =
      before !== undefined && !before.connected && now - before.since > Math.max(hour, sessionSeconds * 1000);
    const versionNumber = before === undefined || forgotten ? 0 : before.versionNumber + 1;
    const thing = thingName === undefined ? {} : { thingName };
    const record = { versionNumber, sessionIdentifier, principalIdentifier, ...thing, connected: true, since: now };
    this.#store.set(clientId, record);
    return eventOf('connected', clientId, record, now, { ipAddress });
  }

  left(clientId: string, reason: DisconnectReason, now: number): PresenceEvent | undefined {
    const before = this.#store.get(clientId);
    if (before === undefined) return undefined;
    const record = { ...before, connected: false, since: now };
    this.#store.set(clientId, record);
    return eventOf('disconnected', clientId, record, now, {
      clientInitiatedDisconnect: reason === 'CLIENT_INITIATED_DISCONNECT',
      disconnectReason: reason,
    });
  }

  /** The disconnect events that a process which was killed could not send. */
  leftBehind(now: number): readonly PresenceEvent[] {
    const events = [...this.#lost].flatMap((clientId) => this.left(clientId, 'SERVER_ERROR', now) ?? []);
    this.#lost.clear();
    return events;
  }
}

function eventOf(
  eventType: 'connected' | 'disconnected',
  clientId: string,
  record: PresenceRecord,
  timestamp: number,
  more: Readonly<Record<string, unknown>>,
): PresenceEvent | undefined {
  if (/[+#]/.test(clientId)) return undefined; // it cannot stand in a topic
  const { versionNumber, sessionIdentifier, principalIdentifier, thingName } = record;
  return {
    topic: `$aws/events/presence/${eventType}/${clientId}`,
    payload: {
      clientId,
      timestamp,
      eventType,
      sessionIdentifier,
      principalIdentifier,
      versionNumber,
      ...(thingName === undefined ? {} : { thingName }),
      ...more,
    },
  };
}
