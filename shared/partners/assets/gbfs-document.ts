import * as z from 'zod/mini';
import { type FeedFinding, type FeedFindingCode, quoted } from './feed-finding.ts';

/**
 * GBFS 3.0 as others publish it: of each file what is used, and nothing else is asked for. A member that is new to us is
 * none of our business.
 */
export type GbfsFile = 'gbfs' | 'vehicle_types' | 'vehicle_status' | 'system_pricing_plans';

const header = z.object({
  last_updated: z.string(),
  ttl: z.number().check(z.gte(0)),
  version: z.string(),
  data: z.unknown(),
});

const versioned = z.object({ version: z.string() });

export const discovery = z.object({ feeds: z.array(z.object({ name: z.string(), url: z.string() })) });

const typeEntry = z.object({
  vehicle_type_id: z.string(),
  form_factor: z.string(),
  propulsion_type: z.string(),
  max_range_meters: z.optional(z.number()),
  default_pricing_plan_id: z.optional(z.string()),
});
export const vehicleTypes = z.object({ vehicle_types: z.array(typeEntry) });
export type GbfsType = z.infer<typeof typeEntry>;

const segment = z.object({ start: z.number(), rate: z.number(), interval: z.number() });
const planEntry = z.object({
  plan_id: z.string(),
  currency: z.string(),
  price: z.number(),
  per_min_pricing: z.optional(z.array(segment)),
  per_km_pricing: z.optional(z.array(segment)),
});
export const pricingPlans = z.object({ plans: z.array(planEntry) });
export type GbfsPlan = z.infer<typeof planEntry>;

/** Each entry is judged by itself: one that is broken leaves the others. */
export const vehicleStatus = z.object({ vehicles: z.array(z.unknown()) });

export const vehicleEntry = z.object({
  vehicle_id: z.string().check(z.regex(/^[\x21-\x7e]{1,128}$/)),
  lat: z.optional(z.unknown()),
  lon: z.optional(z.unknown()),
  is_reserved: z.boolean(),
  is_disabled: z.boolean(),
  vehicle_type_id: z.optional(z.string()),
  pricing_plan_id: z.optional(z.string()),
  last_reported: z.optional(z.string()),
  current_range_meters: z.optional(z.unknown()),
  current_fuel_percent: z.optional(z.unknown()),
});

export interface ReadDocument<T> {
  readonly data: T;
  /** ms; as the partner says. */
  readonly lastUpdated: number;
  /** Seconds. */
  readonly ttl: number;
}

export type Reading<T> =
  | { readonly kind: 'read'; readonly document: ReadDocument<T> }
  | { readonly kind: 'bad'; readonly finding: FeedFinding };

/** @param text as it came */
export function documentIn<S extends z.ZodMiniType>(file: GbfsFile, text: string, data: S): Reading<z.output<S>> {
  const json = jsonIn(file, text);
  if (json.kind === 'bad') return json;
  const head = header.safeParse(json.value);
  // Said first: files of other versions are otherwise made, too.
  const { version } = versioned.safeParse(json.value).data ?? {};
  if (version !== undefined && !/^3\.\d/.test(version)) {
    return bad('file-wrong-version', `/${file}/version`, `${quoted(version)} is not GBFS 3.0`);
  }
  if (!head.success) return malformed(file, '', head.error);
  const { last_updated, ttl } = head.data;
  const lastUpdated = Date.parse(last_updated);
  if (Number.isNaN(lastUpdated)) {
    return bad('file-malformed', `/${file}/last_updated`, `${quoted(last_updated)} is no time (RFC 3339)`);
  }
  const parsed = data.safeParse(head.data.data);
  if (!parsed.success) return malformed(file, '/data', parsed.error);
  return { kind: 'read', document: { data: parsed.data, lastUpdated, ttl } };
}

function jsonIn(file: GbfsFile, text: string): { readonly kind: 'json'; readonly value: unknown } | Bad {
  const beginning = text.slice(0, 200).trimStart();
  if (/^<(?:!doctype|html|\?xml|head|body)/i.test(beginning)) {
    return bad('file-is-page', `/${file}`, 'is a page for people (HTML), not JSON');
  }
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch {
    const number = /[:,[]\s*-?(NaN|Infinity)\b/.exec(text)?.[1];
    const why = number === undefined ? 'is no JSON' : `holds ${number}, which is no number of JSON`;
    return bad('file-not-json', `/${file}`, why);
  }
}

type Bad = Extract<Reading<never>, { readonly kind: 'bad' }>;

function malformed(file: GbfsFile, within: string, { issues }: { readonly issues: readonly z.core.$ZodIssue[] }): Bad {
  const [first] = issues;
  const path = (first?.path ?? []).map((part) => `/${String(part)}`).join('');
  return bad('file-malformed', `/${file}${within}${path}`, 'is missing or of another kind than GBFS 3.0 says');
}

function bad(code: FeedFindingCode, pointer: string, detail: string): Bad {
  return { kind: 'bad', finding: { code, pointer, detail } };
}
