import type { Instant } from '../../kernel/clock.ts';
import type { MdsEvent, MdsState } from '../mds.ts';
import type { OperatorId, ReservationId, SystemId } from '../sharing-id.ts';
import type { Place } from '../zones/zone.ts';

/**
 * Who has a vehicle: the item that decides (docs/decisions/booking.md). Below 1 KB, in no index, without anything that
 * changes while nobody books: a hold writes it and the driver's, in one transaction, and nothing else.
 */
export interface BookedVehicle {
  readonly vehicleId: string;
  readonly systemId: SystemId;
  readonly operatorId: OperatorId;
  readonly vehicleTypeId: string;
  /** It is a partner's, by whose feed it stands here: the partner says what becomes of each use, and bills it. */
  readonly partner?: string;
  readonly state: MdsState;
  /** See `MdsPosition`. */
  readonly former?: readonly MdsState[];
  /** Why it is `non_operational` or `removed`. */
  readonly outOfService?: ServiceReason;
  /** Rises when the holder changes, and only then: an extension must not lock its own phone out. */
  readonly fence: number;
  /** The lowest fence that the vehicle still admits, as it has said. Above `fence`: the last holder's key is void on board. */
  readonly admits: number;
  /** Rises with each change of the present assignment. */
  readonly revision: number;
  /** Rises with each write. */
  readonly version: number;
  /** Present while somebody has it: from the hold to the end of the trip. */
  readonly assignment?: Assignment;
  /** A former holder's key is good on board until then, unless the vehicle `admits` a higher fence alone. */
  readonly barredUntil?: Instant;
  /** Since when nobody has it whose key, or trip on board, bars it. */
  readonly barredSince?: Instant;
  /** Its line is gone since then. */
  readonly silentSince?: Instant;
  /** It fell silent in a place known for no coverage: it is where it was. */
  readonly quietPlace?: true;
  /** Below its type's minimum since somebody holds it: when that hold has expired it is weighed before anybody else's. */
  readonly chargeLow?: true;
  /** Not to be driven any more: it leaves service when its present holder has it no more (`grounding.ts`). */
  readonly grounded?: true;
  /** How far its log is known without a gap. */
  readonly log?: LogPosition;
  /** An update is being installed, or may begin to be: it does not come back into service meanwhile. */
  readonly installing?: Installing;
  /**
   * What happened to it since it fell silent or left the city, and MDS has no way to say of a vehicle that is away: told
   * when it is back. The last of `former` is already where this leads.
   */
  readonly waiting?: readonly Move[];
  /** What the last write made happen, in order: the stream publishes it (the table's stream is the outbox). */
  readonly moves: readonly Move[];
}

export interface Assignment {
  readonly reservationId: ReservationId;
  readonly personId: string;
  readonly heldAt: Instant;
  /** Of the hold. It counts no more once `startedAt` is there. */
  readonly expiresAt: Instant;
  readonly extensions: number;
  /** By which operations, the newest first: each extends once, however often it comes. */
  readonly extendedBy?: readonly string[];
  readonly planId: string;
  readonly planVersion: number;
  readonly packageId?: string;
  /** The business that pays for it. */
  readonly billTo?: string;
  /** The latest expiry of any key that was issued for it. */
  readonly keyUntil?: Instant;
  /** The vehicle's own time of the start. */
  readonly startedAt?: Instant;
}

export interface Installing {
  readonly campaignId: string;
  /** An installation that nobody heard the end of is over by then. */
  readonly until: Instant;
}

export type ServiceReason = 'not-yet-in-service' | 'low-charge' | 'maintenance' | 'recovery' | 'decommissioned';

export interface LogPosition {
  readonly boot: number;
  readonly sequence: number;
}

export interface Move {
  readonly event: MdsEvent;
  /** When it happened, which may be long before it was written. */
  readonly at: Instant;
  /** `hold_expired`, `low-charge`, `forced` … */
  readonly reason?: string;
  /** Where, as far as the vehicle's log says it. */
  readonly where?: Place;
}

/** Milliseconds by which clocks may differ, and more: another's claim waits so much longer than an expiry. */
export const expiryGuard = 30_000;

/**
 * Milliseconds within which a start is heard of though the report that told it failed once: a queue hands it out again
 * after three minutes. As long as nobody else wants the vehicle, so long a hold with a key is released by nobody.
 */
export const tellingGuard = 240_000;
