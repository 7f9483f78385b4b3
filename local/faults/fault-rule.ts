import { z } from 'zod';

const hops = ['mqtt', 'rule', 'function', 'table', 'stream', 'queue', 'event', 'http'] as const;

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

/**
 * What goes wrong, and where. `fail` answers with an error of AWS by name, for instance
 * `ProvisionedThroughputExceededException` at a table, as if the service had said it.
 */
export const faultRuleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drop'), ...placed }),
  z.strictObject({ kind: z.literal('duplicate'), ...placed }),
  z.strictObject({ kind: z.literal('delay'), ...placed, milliseconds: z.int().positive().max(3_600_000) }),
  z.strictObject({
    kind: z.literal('fail'),
    ...placed,
    error: z.string().regex(/^[A-Za-z]{1,100}$/),
    status: z.int().min(400).max(599).default(400),
    message: z.string().max(500).default('Injected by a fault of the local cloud.'),
  }),
]);

export type FaultRule = z.infer<typeof faultRuleSchema>;
/** As somebody writes it, with what has a default left out. */
export type FaultWish = z.input<typeof faultRuleSchema>;
