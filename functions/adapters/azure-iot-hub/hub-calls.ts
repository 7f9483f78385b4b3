import * as z from 'zod/mini';
import { Failure, type FailureKind } from '#shared/kernel/failure.ts';
import { type CampaignId, isCampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import { type HomeName, isHomeName } from '#shared/registry/home.ts';
import { isVehicleId, type VehicleId } from '#shared/registry/vehicle-id.ts';
import { isSettings, type Settings } from '#shared/twins/twin.ts';
import type { FleetQuery } from '#shared/vehicle-cloud/fleet-query.ts';

/**
 * What the platform's functions say to the two that speak with the hubs: `hub-asked`, which somebody waits for, and
 * `hub-told`, which nobody waits for. No SDK stands behind these shapes: whoever imports them stays small.
 */

export const homeName = z.custom<HomeName>((value) => typeof value === 'string' && isHomeName(value));
const vehicleId = z.custom<VehicleId>((value) => typeof value === 'string' && isVehicleId(value));
const campaignId = z.custom<CampaignId>((value) => typeof value === 'string' && isCampaignId(value));
const settings = z.custom<Settings>(isSettings);
const fleetQuery = z.custom<FleetQuery>((value) => isSettings(value) && typeof value['kind'] === 'string');

/** The home, as the one who asks knows it: an epoch that is over finds nobody. */
export const at = { home: homeName, epoch: z.int(), vehicleId };

const message = z.object({
  channel: z.enum(['commands', 'claim-code', 'updates', 'sharing']),
  payload: z.custom<object>(isSettings),
  expiresAt: z.number(),
  mode: z.enum(['live', 'queued']),
  messageId: z.string(),
  replyWithin: z.exactOptional(z.number()),
});

/** `twins`: every namespace, by name; `identity`: the identity itself, and with it whatever waits for the vehicle. */
const erased = z.enum(['twins', 'identity']);

export const hubQuestion = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('twin'), ...at, name: z.string() }),
  z.object({
    kind: z.literal('patch'),
    ...{ ...at, name: z.string() },
    patch: z.nullable(settings),
    seenRevision: z.exactOptional(z.string()),
  }),
  /** Without `replyWithin` it is an order, which Lambda carries out later: nobody hears the answer. */
  z.object({ kind: z.literal('message'), ...at, message }),
  z.object({
    kind: z.literal('erasure-find'),
    ...{ home: homeName, vehicleId, what: erased },
    after: z.exactOptional(z.string()),
  }),
  z.object({ kind: z.literal('erase'), home: homeName, vehicleId, what: erased, keys: z.array(z.string()) }),
  z.object({
    kind: z.literal('query'),
    ...{ home: homeName, query: fleetQuery, limit: z.int() },
    from: z.exactOptional(z.string()),
  }),
]);
export type HubQuestion = z.infer<typeof hubQuestion>;

const twin = z.object({
  desired: settings,
  reported: settings,
  desiredAt: settings,
  reportedAt: settings,
  revision: z.string(),
});

const failureKinds = [
  ...['invalid', 'unacceptable', 'forbidden', 'not-found', 'conflict', 'stale', 'too-large', 'throttled'],
  'unavailable',
] as const satisfies readonly FailureKind[];

export const failed = z.object({
  kind: z.literal('failed'),
  of: z.enum(failureKinds),
  code: z.string(),
  message: z.string(),
  resolution: z.exactOptional(z.string()),
  errors: z.exactOptional(z.array(z.object({ pointer: z.string(), detail: z.string() }))),
  retryAfter: z.exactOptional(z.number()),
});

export const hubAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('twin'), twin: z.nullable(twin) }),
  z.object({ kind: z.literal('patched'), done: z.boolean() }),
  /** What the vehicle answered at once; the payload of its method's answer, unparsed. */
  z.object({ kind: z.literal('handed'), reply: z.exactOptional(z.unknown()) }),
  z.object({ kind: z.literal('found'), keys: z.array(z.string()), next: z.exactOptional(z.string()) }),
  z.object({ kind: z.literal('erased') }),
  z.object({ kind: z.literal('page'), vehicleIds: z.array(vehicleId), next: z.exactOptional(z.string()) }),
  failed,
]);
export type HubAnswer = z.infer<typeof hubAnswer>;

/** Each may come twice, late and out of order: where `order` is not newer than what was done last, nothing is. */
export const hubOrder = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('message'), ...at, message }),
  z.object({ kind: z.literal('show'), ...at, name: z.string(), patches: z.array(settings), order: z.number() }),
  z.object({ kind: z.literal('access'), ...at, status: z.enum(['ACTIVE', 'INACTIVE', 'REVOKED']), order: z.number() }),
  z.object({ kind: z.literal('disconnect'), ...at }),
  z.object({ kind: z.literal('join'), ...at, campaignId, releasedAt: z.number(), order: z.number() }),
  z.object({ kind: z.literal('leave'), ...at, campaignId, order: z.number() }),
]);
export type HubOrder = z.infer<typeof hubOrder>;

/** @returns undefined for what is no word of the domain: it is thrown on, and told by the log */
export function failedWith(error: unknown): Extract<HubAnswer, { kind: 'failed' }> | undefined {
  if (!(error instanceof Failure)) return undefined;
  const { kind: of, code, message: text, resolution, errors, retryAfter } = error;
  return {
    ...{ kind: 'failed', of, code, message: text },
    ...(resolution !== undefined && { resolution }),
    ...(errors !== undefined && { errors: [...errors] }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/** The same failure on the other side. */
export function failureIn({ of, code, message: text, ...options }: Extract<HubAnswer, { kind: 'failed' }>): Failure {
  const { resolution, errors, retryAfter } = options;
  return new Failure(of, code, text, {
    ...(resolution !== undefined && { resolution }),
    ...(errors !== undefined && { errors }),
    ...(retryAfter !== undefined && { retryAfter }),
  });
}
