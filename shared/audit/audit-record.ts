import type { Instant } from '../kernel/clock.ts';

/** What a record is about. Ids alone: neither a VIN nor a name nor a place ever stands in the audit. */
export type AuditSubject =
  | { readonly kind: 'vehicle' | 'person'; readonly id: string }
  /** What concerns no single vehicle and no single person: an import, an export. */
  | { readonly kind: 'platform' };

/** Who did it: a partner's system or a person by a request, a vehicle by a message, the platform by itself. */
export type AuditActor =
  | { readonly kind: 'client' | 'person' | 'vehicle'; readonly id: string }
  | { readonly kind: 'platform' };

/** `asked` stands there before anything happens; one of the others follows, or something broke in between. */
export type AuditOutcome = 'asked' | 'done' | 'refused' | 'failed';

export interface AuditRecord {
  /** The same when the same thing is written down again: the second one changes nothing. */
  readonly recordId: string;
  readonly at: Instant;
  readonly subject: AuditSubject;
  /** `vehicle.suspend`, `command.ended`: the subject's noun and what was done to it. */
  readonly action: string;
  readonly actor: AuditActor;
  /** The request, or the message, that it came of. */
  readonly requestId: string;
  readonly outcome: AuditOutcome;
  /** In the words of the actor. */
  readonly reason?: string;
  /** HTTP status of the answer. */
  readonly status?: number;
  /** Code of the problem that it was refused or failed with. */
  readonly problem?: string;
  /** What it made or touched: a path of the API, or the name of a certificate. */
  readonly resource?: string;
  /** What came of long work: `registered`, `failed`, `vehicles` … */
  readonly counts?: Readonly<Record<string, number>>;
}

/** Ten years: the longest period for which claims about a car are raised (product liability, accounting). */
export const auditMemory = 3653 * 24 * 3_600_000;

/** Printable ASCII, which every hop of a header leaves as it is. */
export const reasonPattern = /^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/;

/** Why the text cannot be a reason, or undefined when it can. What is written down for ten years names nobody. */
export function reasonFault(text: string): string | undefined {
  if (!reasonPattern.test(text)) return 'is not 1 to 256 printable ASCII characters without spaces at its ends';
  if (/\S@\S/.test(text)) return 'holds an address: say it without naming a person';
  if (/\b(?=[A-Z0-9]*\d)[A-HJ-NPR-Z0-9]{17}\b/i.test(text))
    return 'holds what looks like a VIN: name vehicles by their ids';
  return undefined;
}
