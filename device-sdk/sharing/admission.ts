import type { KeyAction, KeyToken } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import type { BoardTime } from './board-clock.ts';
import type { SharingRecord } from './sharing-memory.ts';

/** Why a key opens nothing. */
export type KeyRefusal =
  /** It was not signed by whom the vehicle takes keys from, or not all of it. */
  | 'token-altered'
  | 'token-for-another-vehicle'
  | 'token-expired'
  | 'token-not-yet-valid'
  | 'token-revoked'
  /** Somebody else had the vehicle since. */
  | 'fence-too-low'
  | 'action-not-allowed'
  /** The vehicle never asked that, or too long ago, or in an earlier life. */
  | 'nonce-unknown'
  | 'nonce-used'
  /** The token is not this phone's. */
  | 'proof-wrong'
  /** The vehicle does not know what time it is. */
  | 'clock-not-authenticated'
  | 'already-on-trip'
  | 'no-trip'
  /** The vehicle knows nobody yet whom keys come from. */
  | 'not-in-service'
  /** See `unmet`. */
  | 'cannot-pause'
  /** Orders of support alone: it is driven, or may move. */
  | 'not-paused'
  | 'cannot-open'
  | 'cannot-end'
  /** An update is being installed, or has left it unsafe. */
  | 'not-drivable'
  /** The zones on board allow no start where it stands. */
  | 'start-not-allowed'
  /** The doors or the drive did not obey. */
  | 'body-failed'
  /** What cannot be written down does not happen. */
  | 'not-recorded';

export type Verdict =
  | { readonly kind: 'begin' }
  /** Of the trip that is on. `renewed`: the phone comes with a key that the trip does not know yet. */
  | { readonly kind: 'go-on'; readonly renewed: boolean }
  /** Its answer was lost. */
  | { readonly kind: 'ended-already'; readonly line: string }
  | { readonly kind: 'refused'; readonly reason: KeyRefusal; readonly detail: string };

/** The token is the issuer's and of this vehicle, and the phone has shown that it is its own. */
export interface Presented {
  readonly kind: 'presented';
  readonly token: KeyToken;
  /** SPKI, base64url. */
  readonly phoneKey: string;
  readonly action: KeyAction;
}

/** Whether it may do what it asks for. */
export function admission(presented: Presented, record: SharingRecord, time: BoardTime): Verdict {
  const { token, action, phoneKey } = presented;
  if (!token.actions.includes(action)) return refused('action-not-allowed', `The key does not allow to ${action}.`);
  const { trip, ended } = record;
  if (trip !== undefined) return admissionOnTrip(presented, record, trip, time);
  if (action === 'end' && ended?.fence === token.fence && ended.phoneKeys.includes(phoneKey)) {
    return { kind: 'ended-already', line: ended.line };
  }
  if (token.fence < record.minimumFence) return tooLow(token, record);
  if (action !== 'start') return refused('no-trip', 'No trip is on.');
  return validity(token, record, time) ?? { kind: 'begin' };
}

/** What opened the trip goes on opening until it ends: a token may expire or be revoked in a pause underground. */
function admissionOnTrip(
  { token, phoneKey }: Presented,
  record: SharingRecord,
  { fence, reservationId, phoneKeys }: NonNullable<SharingRecord['trip']>,
  time: BoardTime,
): Verdict {
  if (token.fence < fence) return tooLow(token, record);
  if (token.fence !== fence || token.reservationId !== reservationId) {
    return refused('already-on-trip', 'Somebody else’s trip is on.');
  }
  if (phoneKeys.includes(phoneKey)) return { kind: 'go-on', renewed: false };
  return validity(token, record, time) ?? { kind: 'go-on', renewed: true };
}

function validity(token: KeyToken, { revoked }: SharingRecord, { at, authenticated }: BoardTime): Verdict | undefined {
  if (revoked.includes(token.tokenId)) return refused('token-revoked', 'The key was revoked.');
  if (!authenticated) return refused('clock-not-authenticated', 'The vehicle does not know the time for certain.');
  if (at < token.notBefore) return refused('token-not-yet-valid', `Valid from ${iso(token.notBefore)} on.`);
  if (at >= token.expiresAt) return refused('token-expired', `It was valid until ${iso(token.expiresAt)}.`);
  return undefined;
}

function tooLow({ fence }: KeyToken, { minimumFence }: SharingRecord): Verdict {
  return refused('fence-too-low', `The vehicle admits ${minimumFence} and later holders, not ${fence}.`);
}

function refused(reason: KeyRefusal, detail: string): Verdict {
  return { kind: 'refused', reason, detail };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
