import { z } from 'zod';

/** What a hop is. `topic` is a message that a client published, `reply` one that answers a delivery. */
export const hopKinds = [
  'api',
  'call',
  'topic',
  'reply',
  'delivery',
  'presence',
  'schedule',
  'rule',
  'queue',
  'function',
  'table',
  'stream',
  'event',
  'shadow',
  'job',
] as const;

export type HopKind = (typeof hopKinds)[number];

/** What AWS would meter, by the units of docs/prices.md. */
export const unitNames = [
  'apiRequests',
  'iotMessages',
  'ruleTriggers',
  'ruleActions',
  'shadowOperations',
  'sqsRequests',
  'lambdaRequests',
  'lambdaGbSeconds',
  'readUnits',
  'writeUnits',
  'busEvents',
  'jobExecutions',
] as const;

export type UnitName = (typeof unitNames)[number];
export type Units = Readonly<Partial<Record<UnitName, number>>>;

/** One hop of one or several messages, as it is kept and told: no payloads, of persons and places nothing. */
export const hopRecord = z.object({
  /** 16 hexadecimal digits, as X-Ray's segments have. */
  id: z.string(),
  kind: z.enum(hopKinds),
  label: z.string(),
  /** Several where a batch runs for all its messages at once. */
  traces: z.array(z.string()),
  /** The hops that led here; empty at the beginning of a trace. */
  parents: z.array(z.string()),
  /** µs since the Unix epoch, by this machine's clock. */
  at: z.number(),
  /** µs. */
  took: z.number(),
  units: z.partialRecord(z.enum(unitNames), z.number()),
  /** By how many messages the units are shared. */
  shares: z.number(),
  /** `ok`, or what became of it: `refused: …`, `failed: …`, an HTTP status; `under way` while it lasts. */
  outcome: z.string(),
  /** What else is to be said: `batch of 50`, `dropped by a fault`. */
  notes: z.array(z.string()),
  vehicles: z.array(z.string()),
  requests: z.array(z.string()),
});

export type HopRecord = Readonly<z.infer<typeof hopRecord>>;

/** A message's way. */
export const traceRecord = z.object({
  traceId: z.string(),
  /** By the local cloud's clock, ms since the Unix epoch; the time that a message's own dates show. */
  startedAt: z.number(),
  /** In the order in which they began. */
  hops: z.array(hopRecord),
  /** Hops that were not kept, because the trace has too many. */
  left: z.number(),
});

export type TraceRecord = Readonly<z.infer<typeof traceRecord>>;

/** Every vehicle in a text, by the form of its id. */
export function vehiclesIn(text: string): readonly string[] {
  return text.match(/veh-[a-z2-7]{20}/g) ?? [];
}
