import * as z from 'zod/mini';
import { ecuSchema } from '../../registry/inventory.ts';
import type { UpdateReport } from '../../vehicle-cloud/update-envelopes.ts';
import { type CampaignId, isCampaignId } from '../campaigns/campaign-id.ts';

/** A report that names a campaign, as every report does. */
export type KnownReport = UpdateReport & { readonly campaignId: CampaignId };

const campaignId = z.custom<CampaignId>((value) => typeof value === 'string' && isCampaignId(value));
const count = z.int().check(z.nonnegative());
const instant = z.int().check(z.nonnegative());
const percent = z.number().check(z.gte(0), z.lte(100));
const name = z.string().check(z.regex(/^[\w.:+-]{1,64}$/));
const precondition = z.enum(['parked', 'ignition-off', 'battery', 'not-charging']);

export const errorClasses = [
  'network',
  'storage',
  'verification',
  'precondition',
  'installation',
  'health',
  'incompatible',
  'power',
  'cancelled',
  'unrecovered',
] as const;

const decisionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('accept'), from: instant, to: instant }),
  z.strictObject({ kind: z.literal('decline') }),
  z.strictObject({ kind: z.literal('mute') }),
]);

const ofAttempt = { campaignId, attempt: count, sequence: count, at: instant };
const resultFields = {
  ...{ kind: z.literal('result'), ...ofAttempt },
  safety: z.enum(['safe', 'unsafe-to-drive']),
  ecus: z.array(ecuSchema).check(z.maxLength(500)),
  /** Evidence keeps it as it came: what is wrong with it is no reason not to hear the result. */
  statement: z.exactOptional(z.unknown()),
};

/** What a vehicle says of its updates; more members are read over, since vehicles live longer than the cloud's words. */
export const updateReportSchema = z.union([
  z.object({
    ...{ kind: z.literal('decision'), campaignId, revision: count, at: instant },
    decision: decisionSchema,
  }),
  z.object({
    ...{ kind: z.literal('progress'), ...ofAttempt, percent },
    phase: z.enum(['downloading', 'waiting', 'installing', 'checking', 'falling-back']),
    waitsFor: z.exactOptional(z.array(precondition)),
  }),
  z.object({ ...resultFields, outcome: z.literal('installed'), softwareVersion: name }),
  z.object({
    ...{ ...resultFields, outcome: z.literal('failed'), error: z.enum(errorClasses) },
    detail: z.string().check(z.maxLength(500)),
    ecuId: z.exactOptional(name),
    attack: z.exactOptional(z.string().check(z.maxLength(64))),
  }),
  z.object({
    ...{ kind: z.literal('repaired'), ...ofAttempt },
    ecus: z.array(ecuSchema).check(z.maxLength(500)),
  }),
  z.object({
    ...{ kind: z.literal('ask'), campaignId, requestId: z.string().check(z.minLength(1), z.maxLength(64)) },
    purpose: z.enum(['download', 'install']),
    manifest: z.unknown(),
  }),
]);
