import type { PersonId } from '../access/person.ts';
import type { AuditActor } from '../audit/audit-record.ts';
import { base32 } from '../kernel/base32.ts';
import type { Instant } from '../kernel/clock.ts';
import type { Brand } from '../registry/brand.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';

/** Follows from whom it is about, however often it is asked for; a later one of a person, from the one before. */
export type ErasureId = string & { readonly erasureId: unique symbol };

export const erasureIdPattern = /^ers-[a-z2-7]{20}$/;

export function isErasureId(text: string): text is ErasureId {
  return erasureIdPattern.test(text);
}

export type ErasureSubject =
  | { readonly kind: 'vehicle'; readonly vehicleId: VehicleId; readonly brand: Brand }
  | { readonly kind: 'person'; readonly personId: PersonId };

/** @param sha256 so that the id does not say whose it is */
export function erasureIdOf(kind: ErasureSubject['kind'], id: string, sha256: (text: string) => Uint8Array): ErasureId {
  return digested(`erasure of ${kind} ${id}`, sha256);
}

/** Of the same person, once that one was done. */
export function nextErasureId(erasureId: ErasureId, sha256: (text: string) => Uint8Array): ErasureId {
  return digested(`erasure after ${erasureId}`, sha256);
}

function digested(what: string, sha256: (text: string) => Uint8Array): ErasureId {
  const text = `ers-${base32(sha256(what), 20)}`;
  if (!isErasureId(text)) throw new RangeError('A digest gives an erasure id');
  return text;
}

/** A time in which what a vehicle reported is to be erased, both ends included. */
export interface ReportedSpan {
  readonly vehicleId: VehicleId;
  readonly from: Instant;
  readonly to: Instant;
}

/** Sorts behind every instant, and still has thirteen digits. */
const endOfTime = 9_999_999_999_999;

/** What an erasure takes away. */
export const erasedCategories = [
  'registration',
  'presence-and-inventory',
  'last-values',
  'telemetry',
  'commands',
  'twins',
  'updates',
  'consents',
  'ownership',
  'sharing',
  'accounts',
  'device-access',
  'remembered-answers',
  'sessions',
  'account',
] as const;
export type ErasedCategory = (typeof erasedCategories)[number];

export interface Tally {
  readonly category: ErasedCategory;
  /** Table or service. */
  readonly where: string;
  readonly count: number;
  /** Of them, what only the second sweep found. */
  readonly late: number;
  /** When the last of it went. Absent: there was nothing. */
  readonly at?: Instant;
}

/** What is being erased at present: written down before, so that whoever resumes erases, and counts, the same. */
export interface Intent {
  readonly keys: readonly string[];
  readonly count: number;
  /** Where the step goes on afterwards; absent: it is over. */
  readonly next?: string;
}

export interface Checkpoint {
  readonly step: number;
  /** Where the step's next page begins. */
  readonly after?: string;
  readonly doing?: Intent;
}

/** Two sweeps with a pause: what was under way during the first one has arrived by the second. */
export type ErasureState =
  | { readonly status: 'running'; readonly checkpoint: Checkpoint }
  | { readonly status: 'paused'; readonly until: Instant }
  | { readonly status: 'verifying'; readonly checkpoint: Checkpoint }
  | { readonly status: 'done' };

export interface Erasure {
  readonly erasureId: ErasureId;
  readonly subject: ErasureSubject;
  readonly actor: AuditActor;
  readonly requestId: string;
  readonly askedAt: Instant;
  /** Digest of a person's username, by which what was offered to them is found. */
  readonly recipient?: string;
  readonly spans: readonly ReportedSpan[];
  readonly tallies: readonly Tally[];
  readonly state: ErasureState;
  /** It has failed again and again since, and waits for somebody. Asking again resumes it. */
  readonly stuckSince?: Instant;
  readonly version: number;
}

export type ErasureStatus = 'running' | 'verifying' | 'done' | 'failed';

export function statusOf({ state, stuckSince }: Erasure): ErasureStatus {
  if (stuckSince !== undefined) return 'failed';
  return state.status === 'paused' ? 'verifying' : state.status;
}

type Request = Pick<Erasure, 'erasureId' | 'subject' | 'actor' | 'requestId'>;

export function begun(request: Request, now: Instant): Erasure {
  const { subject } = request;
  const everything = subject.kind === 'vehicle' ? [{ vehicleId: subject.vehicleId, from: 0, to: endOfTime }] : [];
  const state = { status: 'running', checkpoint: { step: 0 } } as const;
  return { ...request, askedAt: now, spans: everything, tallies: [], state, version: 1 };
}

/**
 * How long after the first sweep the second one comes. Messages of vehicles are under way for minutes; a person's
 * token is valid for up to an hour after the account is gone.
 */
export function pauseOf({ kind }: ErasureSubject): number {
  return kind === 'vehicle' ? 15 * 60_000 : 65 * 60_000;
}

export function isWithin(time: Instant, { from, to }: Omit<ReportedSpan, 'vehicleId'>): boolean {
  return time >= from && time <= to;
}
