/** What is metered or limited. */
export const resources = [
  'shadowOperations',
  'messages',
  'ruleTriggers',
  'ruleActions',
  'registryOperations',
  'jobExecutions',
  'jobReads',
  'jobWrites',
  'functionRequests',
  'functionGbSeconds',
  'tableWrites',
  'tableReads',
  'signatures',
  'downloadedBytes',
  'downloadRequests',
] as const;
export type Resource = (typeof resources)[number];

export type Consumption = Readonly<Partial<Record<Resource, number>>>;

/** A function of 512 MB that works for 60 ms. */
const run = { functionRequests: 1, functionGbSeconds: 0.03 } as const;
/** A report of a vehicle by Basic Ingest, and what the stream makes of it: a tenth of a batch each. */
const report = { ruleTriggers: 1, ruleActions: 1, functionRequests: 1.1, functionGbSeconds: 0.033 } as const;

/**
 * What each step of one update consumes in the cloud. Shadow operations are metered by 1 KB (an offer has some 3), a
 * message to the vehicle by 5 KB with its PUBACK; table writes are the budget of docs/architecture.md.
 */
export const consumptionOf = {
  /** The update is written with its entry in the index, and the offer into the vehicle's twin. */
  offered: { ...run, tableWrites: 3, shadowOperations: 3, messages: 2 },
  reminded: { ...run, tableWrites: 1, shadowOperations: 3, messages: 2 },
  decided: { ...report, tableWrites: 1, shadowOperations: 3, messages: 2 },
  joined: { registryOperations: 1, jobExecutions: 1, messages: 4, jobReads: 1 },
  /** Targets, Snapshot, Timestamp, and two addresses. */
  asked: { ...report, tableWrites: 1, tableReads: 4, signatures: 5, messages: 4 },
  downloaded: { ...report, tableWrites: 1, downloadRequests: 12 },
  began: { ...report, tableWrites: 1, jobWrites: 1, messages: 2 },
  ended: { ...report, tableWrites: 3, jobWrites: 1, registryOperations: 1, shadowOperations: 1, messages: 4 },
} as const satisfies Readonly<Record<string, Consumption>>;
export type UpdateStep = keyof typeof consumptionOf;
