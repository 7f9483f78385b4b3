import type { Instant } from '../kernel/clock.ts';
import type { VehicleId } from './vehicle-id.ts';

/** What the device cloud says of one connection. May come twice, late and out of order. */
export interface PresenceEvent {
  readonly vehicleId: VehicleId;
  readonly kind: 'connected' | 'disconnected';
  readonly sessionId: string;
  /** Counts the connections of a vehicle; both events of a session carry the same. Falls back to 0, see below. */
  readonly connection: number;
  readonly at: Instant;
  /** The certificate that connected. */
  readonly certificateId: string;
}

/** What is known of a vehicle's newest session. */
export interface Presence {
  readonly vehicleId: VehicleId;
  readonly connected: boolean;
  /** Connected or gone since. */
  readonly since: Instant;
  readonly sessionId: string;
  readonly connection: number;
  readonly version: number;
}

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
  if (known === undefined || isLaterSession(known, event, now)) {
    return { ...sessionOf(event), connected: event.kind === 'connected', version: (known?.version ?? 0) + 1 };
  }
  // Within a session the end is final, whichever of its two events comes first.
  if (event.sessionId !== known.sessionId || event.kind === 'connected' || !known.connected) return known;
  return { ...known, connected: false, since: event.at, version: known.version + 1 };
}

function isLaterSession(known: Presence, event: PresenceEvent, now: Instant): boolean {
  if (event.sessionId === known.sessionId) return false;
  // Known from a future that the clock was set back from: nothing would be later until that future comes.
  if (known.since > now + recount) return true;
  if (event.connection > known.connection) return event.at > known.since - recount;
  if (event.connection < known.connection) return event.at > known.since + recount;
  return event.at > known.since;
}

function sessionOf({ vehicleId, sessionId, connection, at }: PresenceEvent) {
  return { vehicleId, sessionId, connection, since: at };
}

export function connectionOf(presence: Presence | undefined): Connection {
  return presence === undefined ? { connected: false } : { connected: presence.connected, since: presence.since };
}
