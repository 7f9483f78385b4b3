import { auditMemory } from '../audit/audit-record.ts';
import type { Instant } from '../kernel/clock.ts';
import { canonical } from '../twins/twin.ts';
import type { Erasure, Tally } from './erasure.ts';

/** What is not erased, why not, and until when. */
export interface Kept {
  readonly category: string;
  readonly where: string;
  /** The provision of the GDPR, and in plain words why it applies. */
  readonly basis: string;
  /** Absent: for good, and it names nobody. */
  readonly until?: Instant;
}

/** What was erased and what stays. It holds neither a name nor an id of whom it is about. */
export interface ErasureProof {
  readonly erasureId: string;
  readonly kind: 'vehicle' | 'person';
  readonly askedAt: Instant;
  readonly doneAt: Instant;
  readonly erased: readonly Tally[];
  readonly kept: readonly Kept[];
  /** SHA-256 (hex) of all the rest as JSON with sorted keys and without spaces. */
  readonly sha256: string;
}

export interface Retention {
  readonly logDays: number;
  readonly evidenceDays: number;
}

const day = 24 * 3_600_000;

/** What stays at one place: for so many days, or for good where none are said. */
type Keeping = Omit<Kept, 'until'> & { readonly days?: number };

const audit: Keeping = {
  category: 'audit',
  where: 'Audit',
  basis: 'Art. 17(3)(b) and (e) GDPR: who did what is accounted for and claims are answered; pseudonyms alone',
  days: auditMemory / day,
};

/** DynamoDB's point-in-time recovery goes back so far. */
const backups: Keeping = {
  category: 'backups',
  where: 'point-in-time recovery of the tables',
  basis: 'Art. 32(1)(c) GDPR: nothing is taken out of a backup, it ages out; a restored copy is erased again',
  days: 35,
};

const logs: Keeping = {
  category: 'logs',
  where: 'log groups',
  basis: 'Art. 32 GDPR: they hold ids, neither VIN nor name nor place',
};

/** SQS: how long the last stops of the queues keep what nobody could swallow. */
const letters: Keeping = {
  category: 'dead-letters',
  where: 'dead-letter queues and quarantine',
  basis: 'Art. 32 GDPR: a message that could not be read waits there for somebody, and is then gone by itself',
  days: 14,
};

/** A lock that nobody can lift keeps it: what was written a moment ago goes last. */
const evidence: Keeping = {
  category: 'evidence',
  where: 'bucket of evidence',
  basis:
    'Art. 17(3)(b) GDPR: UN R156 and R155 have it kept what was done to a vehicle’s software and what was refused; vehicle and clients by their ids, of persons their role alone',
};

const task: Omit<Keeping, 'where'> = {
  category: 'erasure',
  basis: 'Art. 17(3)(b) GDPR: that it was erased is shown, and what comes late is turned away; pseudonyms alone',
};

const ofVehicles: readonly Keeping[] = [
  { ...task, where: 'Registry, Telemetry and Tasks' },
  {
    category: 'remembered-answers',
    where: 'AccessRecords',
    basis: 'Art. 5(1)(e) GDPR: partners’ repeated requests are answered for a day; neither VIN nor name nor place',
    // Forgotten after a day; DynamoDB deletes what has expired within two more.
    days: 3,
  },
  {
    category: 'webhook-deliveries',
    where: 'Webhooks',
    basis: 'Art. 5(1)(e) GDPR: partners can have an event again for two weeks; neither VIN nor person nor place',
    // DynamoDB deletes what has expired within two days.
    days: 16,
  },
  {
    category: 'transfer-files',
    where: 'bucket of imports and exports',
    basis: 'Art. 5(1)(e) GDPR: files and reports are short-lived and go by themselves',
    // The longest that the bucket keeps anything of them.
    days: 30,
  },
  {
    category: 'shared-trips',
    where: 'Bookings, Sharing and Trips',
    basis: 'Art. 17(3)(b) GDPR: tax law has the bills of its trips kept for ten years; by its id, without where it was',
    days: 3653,
  },
];

const ofPersons: readonly Keeping[] = [
  { ...task, where: 'Telemetry and Tasks' },
  {
    category: 'ownership-history',
    where: 'Ownership',
    basis: 'Art. 17(3)(e) GDPR: that a vehicle changed hands and when; who it was is gone',
  },
  {
    category: 'bills',
    where: 'Trips',
    basis: 'Art. 17(3)(b) GDPR: tax law has bills kept for ten years; without the person and without places',
    days: 3653,
  },
  {
    category: 'invoices',
    where: 'Ledger',
    basis:
      'Art. 17(3)(b) GDPR: tax law has invoices and books kept for ten years; name and address in those alone that have to say to whom they are',
    // To the end of the tenth year after.
    days: 4_018,
  },
  {
    category: 'partner-journals',
    where: 'Partners',
    basis:
      'Art. 17(3)(b) GDPR: what a partner was charged for its customers’ trips belongs to its books; by the use, without whose it was',
  },
  {
    category: 'unpaid-trips',
    where: 'Trips, Ledger and Partners',
    basis: 'Art. 17(3)(e) GDPR: what is owed or disputed keeps its pseudonym until it is settled',
  },
];

export function proofOf(
  erasure: Erasure,
  where: readonly Pick<Tally, 'category' | 'where'>[],
  now: Instant,
  retention: Retention,
  sha256: (text: string) => string,
): ErasureProof {
  const { erasureId, subject, askedAt, tallies } = erasure;
  const proof = {
    ...{ erasureId, kind: subject.kind, askedAt, doneAt: now },
    // What was looked for and not found is named too.
    erased: where.map(
      (place) =>
        tallies.find((tally) => tally.category === place.category && tally.where === place.where) ?? {
          ...{ category: place.category, where: place.where, count: 0, late: 0 },
        },
    ),
    kept: keptOf(erasure, now, retention),
  };
  return { ...proof, sha256: sha256(canonical(proof)) };
}

function keptOf({ subject: { kind } }: Erasure, now: Instant, { logDays, evidenceDays }: Retention): readonly Kept[] {
  const places = [
    audit,
    ...(kind === 'vehicle' ? ofVehicles : ofPersons),
    { ...evidence, days: evidenceDays },
    backups,
    { ...logs, days: logDays },
    letters,
  ];
  return places.map(({ days, ...kept }) => ({ ...kept, ...(days !== undefined && { until: now + days * day }) }));
}
