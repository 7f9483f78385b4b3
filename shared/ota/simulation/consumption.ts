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
  'queueRequests',
  'functionRequests',
  'functionGbSeconds',
  'busEvents',
  'tableWrites',
  'tableReads',
  'signatures',
  'storedFiles',
  'readFiles',
  'downloadedBytes',
  'downloadRequests',
  // Of device clouds that meter in another way than the first one.
  'twinReads',
  'twinWrites',
  'callBytes',
  'deviceSends',
  'connections',
  'carriedMessages',
] as const;
export type Resource = (typeof resources)[number];

export type Consumption = Readonly<Partial<Record<Resource, number>>>;

/** A report by Basic Ingest into the queue; the function takes ten of them at a time. */
const report = { ruleTriggers: 1, ruleActions: 1, queueRequests: 1.2, functionRequests: 0.1 } as const;
/** What is shown in the twin, two KB with its texts; update/delta and update/accepted with their PUBACKs. */
const shown = { shadowOperations: 2, messages: 4 } as const;

/**
 * What each step of one update consumes in the cloud, as `npm start -- --trace` has metered it hop by hop, with what
 * comes in batches shared by ten, and a write of the counters by ten changes.
 */
export const consumptionOf = {
  /** The item with its entry in the index: before the rate, all at once. */
  enlisted: { tableWrites: 2, tableReads: 1, functionRequests: 0.01, functionGbSeconds: 0.005 },
  offered: { ...shown, tableWrites: 1.1, tableReads: 4, functionRequests: 0.1, functionGbSeconds: 0.02 },
  decided: { ...report, ...shown, tableWrites: 1.1, tableReads: 8, functionRequests: 0.2, functionGbSeconds: 0.03 },
  /** The group, the job's notification, and two looks at what waits. */
  joined: { registryOperations: 1, jobExecutions: 1, jobReads: 2, messages: 4 },
  /** Targets, Snapshot, Timestamp; the grants are shared. Some 20 KB of answer. */
  asked: {
    ...{ ruleTriggers: 1, ruleActions: 1, queueRequests: 2.4, functionRequests: 0.3, functionGbSeconds: 0.04 },
    ...{ tableWrites: 1, tableReads: 4.5, signatures: 3, messages: 5 },
  },
  /** A report a quarter; four files of metadata, and a request for each time that the vehicle wakes. */
  downloaded: {
    ...{ ruleTriggers: 5, ruleActions: 5, queueRequests: 6, functionRequests: 0.5, functionGbSeconds: 0.03 },
    ...{ tableReads: 5, downloadRequests: 12 },
  },
  /** It took longer than ten minutes, and stands in the update. */
  dragged: { tableWrites: 1.1 },
  /** With the end of patience, an entry of up to a hundred. */
  began: { ...report, tableWrites: 1.2, tableReads: 2, jobWrites: 1, messages: 1, functionGbSeconds: 0.02 },
  /** Reports of each quarter, the result, evidence, the group; then the registry and its subscribers. */
  installed: {
    ...{ ruleTriggers: 7, ruleActions: 7, queueRequests: 10, functionRequests: 3.2, functionGbSeconds: 0.15 },
    ...{ tableWrites: 6.1, tableReads: 25, storedFiles: 2, readFiles: 1, busEvents: 1 },
    ...{ jobWrites: 1, registryOperations: 1, shadowOperations: 1, messages: 5 },
  },
  failed: {
    ...{ ruleTriggers: 4, ruleActions: 4, queueRequests: 6, functionRequests: 1.2, functionGbSeconds: 0.1 },
    ...{ tableWrites: 2.2, tableReads: 12, storedFiles: 2, readFiles: 1 },
    ...{ jobWrites: 1, registryOperations: 1, shadowOperations: 2, messages: 5 },
  },
} as const satisfies Readonly<Record<string, Consumption>>;
export type UpdateStep = keyof typeof consumptionOf;

/** Each step's consumption, where another device cloud's differs from the above. */
export type StepConsumption = Readonly<Record<UpdateStep, Consumption>>;

/** Another device cloud: what each step asks of it, and how much of that it takes. */
export interface DeviceCloud {
  readonly consumption: StepConsumption;
  /** A second. What the steps ask beyond the day's messages waits for its second alone. */
  readonly quotas: Consumption;
  readonly messagesPerDay: number;
}

export const updateSteps: readonly UpdateStep[] = [
  ...(['enlisted', 'offered', 'decided', 'joined', 'asked'] as const),
  ...(['downloaded', 'dragged', 'began', 'installed', 'failed'] as const),
];
