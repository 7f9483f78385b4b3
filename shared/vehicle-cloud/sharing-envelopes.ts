import type { Place, ZoneSet } from '#shared/sharing/zones/zone.ts';

/**
 * What travels between a shared vehicle and the cloud. Times are milliseconds since the Unix epoch. The same shapes stand
 * behind every device cloud.
 */

/** The twin whose desired half is a `SharingDesired`. */
export const sharingTwin = 'sharing';

/**
 * The command that ends a trip by an operator's order, with `{ reservationId }`. The vehicle rejects it with `no-trip` where
 * no trip of this reservation is on, and with `in-motion` or `ignition-on` where it does not stand still.
 */
export const endTripCommand = 'sharing.end';

/**
 * The command by which support opens the doors for the driver of a paused trip, with `{ reservationId }`; the drive stays
 * immobilised. Rejected with `no-trip`, `not-paused`, `in-motion` or `ignition-on`: when in doubt the vehicle stays as it is.
 */
export const openDoorsCommand = 'sharing.open';

const tripOrder = 'end-';
const openingOrder = 'opn-';

/** Of one such order: each attempt has its own, or a vehicle that had to refuse would give the same answer for ever. */
export function tripOrderId(reservationId: string, issuedAt: number): string {
  return `${tripOrder}${reservationId}-${issuedAt.toString(36)}`;
}

/**
 * Its answer ends no command: what became of it stands in the vehicle's log, or whoever is on the phone with the driver
 * hears it.
 */
export function isTripOrder(commandId: string): boolean {
  return commandId.startsWith(tripOrder) || commandId.startsWith(openingOrder);
}

export interface SharingDesired {
  /** Whom keys come from: taken in with the first connection in service, changed by a statement alone. */
  readonly issuer: IssuerKey;
  /** A COSE_Sign1 (RFC 9052) of a `KeyStatement`, base64url. */
  readonly statement: string;
}

export interface IssuerKey {
  readonly kid: string;
  /** P-256, SPKI, base64url. */
  readonly spki: string;
}

/** What the cloud says of keys. A vehicle takes in one with a higher version than any before. */
export interface KeyStatement {
  readonly vehicleId: string;
  readonly version: number;
  /** Tokens of a lower fence open nothing; a trip that runs on board is not touched. */
  readonly minimumFence: number;
  /** Token ids that open nothing any more. At most 16. */
  readonly revoked: readonly string[];
  readonly issuedAt: number;
  readonly systemId: string;
  readonly vehicleTypeId: string;
  /** Percent below which it leaves service. */
  readonly minimumCharge: number;
  /** The zones it should judge by: it asks for them where it has others. */
  readonly zonesVersion: number;
  /** From now on keys and statements come from this one, and from the one that signs this no more. */
  readonly successor?: IssuerKey;
}

/** A digital key: a CWT (RFC 8392) in a COSE_Sign1, ES256, at most 400 bytes. See `shared/sharing/keys/`. */
export interface KeyToken {
  /** Token id, 16 hex characters. */
  readonly tokenId: string;
  /** The one vehicle that it opens. */
  readonly vehicleId: string;
  readonly reservationId: string;
  readonly fence: number;
  readonly actions: readonly KeyAction[];
  /** Whole seconds in the token, ms here. */
  readonly notBefore: number;
  readonly issuedAt: number;
  /** No later than the hold until the trip has started. */
  readonly expiresAt: number;
  /** RFC 8747, `cnf`: the phone's public key, P-256, whose proof it needs. */
  readonly phoneKey: { readonly x: Uint8Array; readonly y: Uint8Array };
}

/** `start` unlocks and lets drive; `pause` locks; `resume` unlocks again; `end` locks for good. */
export type KeyAction = 'start' | 'pause' | 'resume' | 'end';

/** Vehicle → cloud. Each may come twice, late and out of order. */
export type SharingReport =
  | {
      /** The key that it will sign its log with (P-256, SPKI, base64url). */
      readonly kind: 'log-key';
      readonly logKey: string;
    }
  | {
      /** COSE_Sign1 of a `TripEvent` each, base64url, in their order. At most 40, at most 100 KB. */
      readonly kind: 'log';
      readonly events: readonly string[];
    }
  | ({ readonly kind: 'status' } & VehicleStatus)
  | {
      /** It has taken in a statement: no token of a lower fence opens it any more. */
      readonly kind: 'admits';
      readonly statementVersion: number;
      readonly minimumFence: number;
      /** The fence of the trip that runs on board, which goes on. */
      readonly onTrip?: number;
      readonly zonesVersion: number;
      readonly at: number;
    }
  | { readonly kind: 'ask-zones'; readonly requestId: string };

/** What a parked or driven vehicle says of itself: at each change of note, and every 15 minutes. Never more often than each 10 s. */
export interface VehicleStatus {
  readonly boot: number;
  readonly sequence: number;
  readonly at: number;
  readonly place?: Place;
  /** Percent. */
  readonly charge?: number;
  readonly rangeMeters?: number;
  readonly charging?: boolean;
  /** The last line of its log, of which nothing is left to be sent; zeros where there is none. */
  readonly logged?: { readonly boot: number; readonly sequence: number };
}

/**
 * One line of the vehicle's own log, signed when it was written (ES256 over CBOR). It names the line before it, so that
 * whoever reads it knows of gaps.
 */
export interface TripEvent {
  readonly vehicleId: string;
  /** Of whom it was assigned to. */
  readonly fence: number;
  readonly reservationId: string;
  /** Rises with each start of the control unit. */
  readonly boot: number;
  /** Begins with 1 in each boot. */
  readonly sequence: number;
  /** The line before, whichever fence it is of; absent in the first of all. */
  readonly after?: { readonly boot: number; readonly sequence: number };
  readonly at: number;
  readonly kind: TripEventKind;
  readonly place?: Place;
  /** Metres. */
  readonly odometer: number;
  /** Percent. */
  readonly charge: number;
  /** Of the zones that an end was judged by. */
  readonly zonesVersion?: number;
  /** The token that opened it. */
  readonly tokenId?: string;
}

/** `started`: from here it is billed. `ended` carries the fence below which the vehicle admits nobody from then on: fence + 1. */
export type TripEventKind =
  | 'started'
  | 'paused'
  | 'resumed'
  | 'ended'
  | 'charging-started'
  | 'charging-ended'
  /** It ended without its driver: an operator's order, which the vehicle obeyed standing still. */
  | 'ended-by-operator';

/** Cloud → vehicle, on the vehicle's own topic. At most 128 KB. */
export type SharingAnswer = { readonly kind: 'zones'; readonly requestId: string; readonly zones: ZoneSet };

/** Every criterion that an end does not meet, all at once. */
export type EndCriterion =
  | 'in-motion'
  | 'ignition-on'
  | 'door-open'
  | 'key-outside'
  | 'outside-zone'
  | 'charge-too-low'
  | 'place-unknown';
