import { z } from 'zod';

export const hops = ['mqtt', 'rule', 'function', 'table', 'stream', 'queue', 'event', 'http', 'cdn', 'hub'] as const;
type HopName = (typeof hops)[number];

const placed = {
  hop: z.enum(hops),
  /** Which places of the hop, `*` for any text: `*telemetry`, `Registry:PutItem`. Default: all. */
  label: z.string().min(1).max(256).default('*'),
  /** Of the messages that match, the share that is disturbed. */
  probability: z.number().gt(0).max(1).default(1),
  /** So many matching messages go on unharmed first. */
  after: z.int().nonnegative().default(0),
  /** The rule has done its work after so many. Default: never. */
  times: z.int().positive().optional(),
  /** The same seed disturbs the same messages, counted along the rule's matches. */
  seed: z.int().nonnegative().default(1),
};

const hour = 3_600_000;
/** Before anything was done, or when it was done and only the answer is missing. */
const when = z.enum(['before', 'after']).default('before');

/**
 * What goes wrong, and where: `docs/faults.md` says for each kind and hop what happens. `fail` answers with an
 * error of AWS by name, as if the service had said it; known names bring AWS's own status and words.
 */
const wishes = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drop'), ...placed }),
  z.strictObject({ kind: z.literal('duplicate'), ...placed }),
  z.strictObject({ kind: z.literal('delay'), ...placed, milliseconds: z.int().positive().max(hour) }),
  z.strictObject({
    kind: z.literal('reorder'),
    ...placed,
    /** Held back until so many others of the same rule have gone ahead … */
    behind: z.int().positive().max(1000).default(1),
    /** … or until this time is over. */
    milliseconds: z.int().positive().max(hour).default(1000),
  }),
  z.strictObject({
    kind: z.literal('fail'),
    ...placed,
    error: z.string().regex(/^[A-Za-z]{1,100}$/),
    status: z.int().min(400).max(599).optional(),
    message: z.string().max(500).optional(),
  }),
  z.strictObject({
    kind: z.literal('throttle'),
    ...placed,
    /** So many a second, and as many at once, pass; those above get the service's own throttling error. */
    rate: z.number().positive().max(100_000),
  }),
  z.strictObject({ kind: z.literal('conflict'), ...placed }),
  z.strictObject({ kind: z.literal('cut'), ...placed, when }),
  z.strictObject({ kind: z.literal('hang'), ...placed, when }),
  z.strictObject({
    kind: z.literal('crash'),
    ...placed,
    when: z.enum(['before', 'after-effect', 'after']).default('after-effect'),
    /** `after-effect`: dies at the answer to this one of its successful calls … */
    calls: z.int().positive().max(1000).default(1),
    /** … counting those of this operation alone, for instance `PutItem`. */
    operation: z
      .string()
      .regex(/^[A-Za-z]{1,100}$/)
      .optional(),
  }),
  z.strictObject({ kind: z.literal('partial'), ...placed }),
  z.strictObject({ kind: z.literal('corrupt'), ...placed }),
]);

export type FaultRule = z.infer<typeof wishes>;

/** Where a kind has a meaning. */
export const meaningful: Readonly<Record<FaultRule['kind'], readonly HopName[]>> = {
  drop: hops,
  // A second run of a conditional write would answer for the first.
  duplicate: hops.filter((hop) => hop !== 'table' && hop !== 'cdn'),
  delay: hops,
  reorder: hops,
  fail: hops,
  throttle: hops,
  conflict: ['table'],
  cut: ['mqtt', 'table', 'queue', 'http', 'cdn', 'hub'],
  hang: ['function', 'table', 'http', 'cdn', 'hub'],
  crash: ['function'],
  partial: ['table', 'stream', 'queue', 'event'],
  corrupt: ['cdn'],
};

export const faultRuleSchema = wishes.check((context) => {
  const { kind, hop } = context.value;
  if (meaningful[kind].includes(hop)) return;
  const message = `"${kind}" means nothing at the hop "${hop}"; it does at ${meaningful[kind].join(', ')}`;
  context.issues.push({ code: 'custom', input: context.value, path: ['hop'], message });
});

/** As somebody writes it, with what has a default left out. */
export type FaultWish = z.input<typeof faultRuleSchema>;
