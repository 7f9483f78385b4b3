import type { Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Brand } from '../../registry/brand.ts';
import type { UpdatePhase } from '../../vehicle-cloud/update-envelopes.ts';
import type { FailureClass, Safety, Update } from '../updates/update.ts';
import type { Subject } from './case-id.ts';

/** A vehicle that somebody has to look after, because of its update of one campaign. */
export interface AssistanceCase extends Subject {
  readonly brand: Brand;
  readonly model: string;
  /** That the vehicle was to have. */
  readonly softwareVersion: string;
  readonly trouble: Trouble;
  readonly state: CaseState;
  /** Since somebody said so: it stands where it can be looked at. */
  readonly towedAt?: Instant;
  /** What was done about it, the oldest first. */
  readonly entries: readonly CaseEntry[];
  /** The last time, where it was opened again. */
  readonly openedAt: Instant;
  readonly changedAt: Instant;
  /** The version of the update that was taken in last: what comes again, or late, says nothing. */
  readonly heard: number;
  /** Rises with every change; a save names the one it has seen. */
  readonly version: number;
}

/** What is wrong. */
export interface Trouble {
  /** `stuck`: silent where it should have said something; `handed-over`: somebody wants it looked at. */
  readonly kind: 'failed' | 'stuck' | 'handed-over';
  /** As the vehicle says. */
  readonly safety: Safety;
  readonly error?: FailureClass;
  readonly detail?: string;
  readonly ecuId?: string;
  readonly attack?: string;
  /** Where it fell silent. */
  readonly phase?: UpdatePhase;
}

export type CaseState =
  | { readonly status: 'open' }
  | { readonly status: 'closed'; readonly at: Instant; readonly by: string; readonly reason: ClosingReason };

/** The first three the platform finds out by itself. */
export const closingReasons = [
  ...(['installed', 'taken-back', 'offered-anew', 'cancelled'] as const),
  ...(['repaired', 'no-fault-found', 'unreachable', 'other'] as const),
] as const;
export type ClosingReason = (typeof closingReasons)[number];

/** Who looks after cases gives one of these. */
export const givenReasons = ['repaired', 'no-fault-found', 'unreachable', 'other'] as const;
export type GivenReason = (typeof givenReasons)[number];

export interface CaseEntry {
  readonly at: Instant;
  /** As the audit names them, or `platform`. */
  readonly by: string;
  readonly what: Deed;
  readonly text?: string;
  /** Of what was asked for: the same again is no second entry. */
  readonly operation?: string;
}

export const deeds = [
  ...(['opened', 'failed-again', 'heard-of', 'handed-over', 'note'] as const),
  ...(['retried', 'cancelled', 'towed', 'closed'] as const),
] as const;
export type Deed = (typeof deeds)[number];

export type Urgency = 'unsafe' | 'stuck' | 'failed' | 'handed-over';

export const platform = 'platform';

/** The first entry tells how it began; of the others the latest are kept. */
const mostEntries = 50;

export function urgencyOf({ kind, safety }: Trouble): Urgency {
  return safety === 'unsafe-to-drive' ? 'unsafe' : kind;
}

export function isOpen({ state }: Pick<AssistanceCase, 'state'>): boolean {
  return state.status === 'open';
}

/** A case that nobody knew before. */
export function openedFor(update: Update, brand: Brand, trouble: Trouble, entry: CaseEntry): AssistanceCase {
  const { vehicleId, campaignId, model, softwareVersion, version } = update;
  return {
    ...{ vehicleId, campaignId, brand, model, softwareVersion, trouble, state: { status: 'open' } },
    ...{ entries: [entry], openedAt: entry.at, changedAt: entry.at, heard: version, version: 1 },
  };
}

/** The case with one more entry, and whatever else changes with it. */
export function withEntry(known: AssistanceCase, entry: CaseEntry, more: Partial<AssistanceCase> = {}): AssistanceCase {
  const [first, ...rest] = [...known.entries, entry];
  const entries = first === undefined ? [] : [first, ...rest.slice(1 - mostEntries)];
  return { ...known, ...more, entries, changedAt: entry.at, version: known.version + 1 };
}

/** What was asked for once changes nothing the second time. */
export function isDone({ entries }: AssistanceCase, operation: string): boolean {
  return entries.some((entry) => entry.operation === operation);
}

/** It stands where somebody can look at it. Once more changes nothing. @throws Failure */
export function towed(known: AssistanceCase, entry: Omit<CaseEntry, 'what'>): AssistanceCase {
  requireOpen(known);
  if (known.towedAt !== undefined) return known;
  return withEntry(known, { ...entry, what: 'towed' }, { towedAt: entry.at });
}

/** @throws Failure where it was closed, or where the vehicle must not be driven and stands on the road */
export function closed(known: AssistanceCase, entry: Omit<CaseEntry, 'what'>, reason: GivenReason): AssistanceCase {
  requireOpen(known);
  if (known.trouble.safety === 'unsafe-to-drive' && known.towedAt === undefined && reason !== 'repaired') {
    throw new Failure('conflict', 'vehicle-unsafe', 'The vehicle must not be driven: somebody has to look after it.', {
      resolution: 'Mark it towed first, or close the case as repaired.',
    });
  }
  return closedBy(known, { ...entry, what: 'closed' }, reason);
}

/** Its update is cancelled, and with it the case; but for a vehicle that must not be driven, which is not whole by that. */
export function cancelledIn(known: AssistanceCase, entry: CaseEntry): AssistanceCase {
  return known.trouble.safety === 'unsafe-to-drive' ? withEntry(known, entry) : closedBy(known, entry, 'cancelled');
}

export function closedBy(known: AssistanceCase, entry: CaseEntry, reason: ClosingReason): AssistanceCase {
  const { at, by } = entry;
  return withEntry(known, entry, { state: { status: 'closed', at, by, reason } });
}

/** @throws Failure */
export function requireOpen(known: AssistanceCase): void {
  if (isOpen(known)) return;
  throw new Failure('conflict', 'case-closed', 'The case is closed.', {
    resolution: 'Hand the vehicle over again, if it still needs somebody.',
  });
}
