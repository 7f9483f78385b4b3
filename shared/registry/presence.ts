import type { Instant } from '../kernel/clock.ts';
import type { Home } from './home.ts';
import type { VehicleId } from './vehicle-id.ts';

/** What the device cloud says of one connection. May come twice, late and out of order. */
export type PresenceEvent = PresenceOrder & {
  readonly vehicleId: VehicleId;
  readonly kind: 'connected' | 'disconnected';
  readonly at: Instant;
  /** Which device cloud says so; absent: the first home. */
  readonly home?: Home;
  /** The certificate that connected; absent where the device cloud lets nobody else in, and names none. */
  readonly certificateId?: string;
};

/** By what a device cloud tells which of two events of a vehicle is the later one. */
export type PresenceOrder =
  | {
      readonly sessionId: string;
      /** Counts the connections of a vehicle; both events of a session carry the same. Falls back to 0, see below. */
      readonly connection: number;
    }
  /** Rises with each event, as text of one length. */
  | { readonly sequence: string };

/** What is known of a vehicle's newest session. */
export type Presence = PresenceOrder & {
  readonly vehicleId: VehicleId;
  readonly connected: boolean;
  /** Connected or gone since. */
  readonly since: Instant;
  /** Of the home that said so; absent: 0. */
  readonly epoch?: number;
  readonly version: number;
};

export interface Connection {
  readonly connected: boolean;
  readonly since?: Instant;
}

// The counter starts again after about an hour offline (AWS IoT Core, "Lifecycle events"). Two sessions of
// one count are never further apart than a late notice of a takeover; two counts by an hour. Half of it
// tells them apart with room for clocks on both sides.
const recount = 30 * 60_000;

/**
 * The presence after one more event. Any order and any repetition of a vehicle's events ends in the same
 * truth; an event that says nothing new returns the very same presence.
 */
export function withEvent(known: Presence | undefined, event: PresenceEvent, now: Instant): Presence {
  if (known === undefined || isLater(known, event, now)) return from(event, known);
  // Within a session the end is final, whichever of its two events comes first.
  const isItsEnd = isOfSession(known, event) && event.kind === 'disconnected' && known.connected;
  return isItsEnd ? { ...known, connected: false, since: event.at, version: known.version + 1 } : known;
}

function isLater(known: Presence, event: PresenceEvent, now: Instant): boolean {
  const epoch = epochOf(known);
  // The first home counts no epochs: what it says is put in its place by time.
  if (event.home !== undefined && event.home.epoch !== epoch) return event.home.epoch > epoch;
  if ('sequence' in event && 'sequence' in known) return event.sequence > known.sequence;
  if ('sequence' in event || 'sequence' in known) return event.at > known.since;
  if (event.sessionId === known.sessionId) return false;
  // Known from a future that the clock was set back from: nothing would be later until that future comes.
  if (known.since > now + recount) return true;
  if (event.connection > known.connection) return event.at > known.since - recount;
  if (event.connection < known.connection) return event.at > known.since + recount;
  return event.at > known.since;
}

function isOfSession(known: Presence, event: PresenceEvent): boolean {
  return 'sessionId' in event && 'sessionId' in known && event.sessionId === known.sessionId;
}

function from(event: PresenceEvent, known: Presence | undefined): Presence {
  const { vehicleId, home, at } = event;
  const epoch = home?.epoch ?? epochOf(known);
  return {
    ...{ vehicleId, connected: event.kind === 'connected', since: at, version: (known?.version ?? 0) + 1 },
    ...(epoch > 0 && { epoch }),
    ...('sequence' in event
      ? { sequence: event.sequence }
      : { sessionId: event.sessionId, connection: event.connection }),
  };
}

function epochOf(known: Presence | undefined): number {
  return known?.epoch ?? 0;
}

export function connectionOf(presence: Presence | undefined): Connection {
  return presence === undefined ? { connected: false } : { connected: presence.connected, since: presence.since };
}
