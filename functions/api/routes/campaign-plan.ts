import * as z from 'zod/mini';
import { failureClasses } from '#shared/ota/campaigns/statistics.ts';
import { usualRetries } from '#shared/ota/updates/retry-policy.ts';
import { usualSilenceHours } from '#shared/ota/updates/silence.ts';
import { as, instantParameter, marketText, modelText, softwareVersionText, vehicleIdText } from '../schemas.ts';

function oneOrMore<S extends z.ZodMiniType>(item: S, most: number) {
  return z.exactOptional(
    z.array(item).check(
      z.minLength(1),
      z.maxLength(most),
      z.refine((all: readonly unknown[]) => new Set(all).size === all.length, 'names something twice'),
    ),
  );
}

const perMinute = as(z.number().check(z.gte(1), z.lte(60_000)), { description: 'Offers a minute' });
const partNumber = z.string().check(z.minLength(1), z.maxLength(64));
const errorSchema = z.enum(failureClasses);
const percent = z.number().check(z.gt(0), z.lte(100));

export const rateSchema = z.discriminatedUnion('kind', [
  as(z.strictObject({ kind: z.literal('unlimited') }), { description: 'As fast as the platform can' }),
  z.strictObject({ kind: z.literal('fixed'), perMinute }),
  as(
    z.strictObject({
      kind: z.literal('exponential'),
      basePerMinute: perMinute,
      factor: z.number().check(z.gte(1.1), z.lte(5)),
      counts: as(z.enum(['offered', 'installed']), { description: 'What makes it faster' }),
      every: as(z.int().check(z.gte(1), z.lte(1_000_000)), { description: 'So many of them multiply it once' }),
      mostPerMinute: perMinute,
    }),
    { description: 'Faster by `factor` with each `every` vehicles that were offered it, or installed it' },
  ),
]);

export const waveSchema = z.strictObject({
  percent: as(z.number().check(z.gt(0), z.lt(100)), { description: 'Of all vehicles, with the waves before' }),
  holdMinutes: as(z.int().check(z.gte(0), z.lte(100_000)), { description: 'Until the next wave may begin' }),
  leastSuccessPercent: z.exactOptional(
    as(percent, { description: 'Of the vehicles that are through, before the next wave begins' }),
  ),
});

export const criterionSchema = z.strictObject({
  percent: as(percent, { description: 'Of the vehicles that are through' }),
  minimumSample: as(z.int().check(z.gte(1), z.lte(1_000_000)), { description: 'Through, before it is judged' }),
  errors: oneOrMore(as(errorSchema, { description: '`timed-out`: never heard of again' }), failureClasses.length),
});

export const retrySchema = z.strictObject({
  times: z.int().check(z.gte(0), z.lte(20)),
  afterMinutes: as(z.int().check(z.gte(1), z.lte(10_080)), { description: 'Twice as long with each failure' }),
});

const rises = z.refine<readonly { readonly percent: number }[]>(
  (waves) => waves.every((wave, place) => wave.percent > (waves[place - 1]?.percent ?? 0)),
  'do not rise in percent',
);

const rolloutSchema = z
  .strictObject({
    rate: rateSchema,
    waves: z._default(z.array(waveSchema).check(z.maxLength(20), rises), []),
    startAt: z.exactOptional(instantParameter('Nothing is offered before')),
    endAt: z.exactOptional(instantParameter('Then it closes: offers on request alone')),
  })
  .check(
    z.refine(({ startAt, endAt }) => endAt === undefined || endAt > (startAt ?? 0), {
      error: 'is not after startAt',
      path: ['endAt'],
    }),
  );

export const querySchema = z.strictObject({
  models: oneOrMore(modelText, 100),
  markets: oneOrMore(marketText, 100),
  softwareVersions: as(oneOrMore(softwareVersionText, 100), { description: 'Installed on the vehicle as a whole' }),
  hardwareIds: as(oneOrMore(partNumber, 100), { description: 'One of these part numbers is on board' }),
  vehicleIds: as(oneOrMore(vehicleIdText, 1000), { description: 'These and no others: a trial' }),
});

/** What whoever drafts a campaign says of it. */
export const planSchema = as(
  z.strictObject({
    name: z.string().check(z.minLength(1), z.maxLength(120)),
    releaseId: z.string().check(z.maxLength(64)),
    query: as(z._default(querySchema, {}), {
      description: 'Everything that is named has to hold; {}: the whole brand',
    }),
    rollout: rolloutSchema,
    priority: as(z._default(z.int().check(z.gte(1), z.lte(1000)), 100), { description: 'The higher comes first' }),
    recall: as(z._default(z.boolean(), false), { description: 'Cannot be muted' }),
    consentBy: as(z._default(z.enum(['owner', 'operator']), 'owner'), {
      description: '`operator`: vehicles of a fleet, whose drivers are not asked',
    }),
    abort: z._default(z.array(criterionSchema).check(z.maxLength(10)), [{ percent: 10, minimumSample: 50 }]),
    retries: as(z._default(z.partialRecord(errorSchema, retrySchema), usualRetries), {
      description: 'How often a failure is tried again by itself',
    }),
    installMinutes: as(z._default(z.int().check(z.gte(5), z.lte(10_080)), 240), {
      description: 'An installation that is silent so long has failed: `timed-out`',
    }),
    silenceHours: as(z._default(z.int().check(z.gte(8), z.lte(720)), usualSilenceHours), {
      description: 'A vehicle that has consented, is online and says nothing for so long is stuck: it gets a case',
    }),
    countries: z.exactOptional(
      as(z.partialRecord(marketText, z.nullable(instantParameter('Nothing is offered there before'))), {
        description: 'Countries that wait; null: never',
      }),
    ),
  }),
  { id: 'CampaignPlan' },
);

export const planExample = {
  name: 'Gateway 5.5 for French ID.3',
  releaseId: 'rel-k3vq7n2mzt5ahx6cwp4r',
  query: { models: ['ID.3'], markets: ['FR'] },
  rollout: {
    rate: { kind: 'fixed', perMinute: 100 },
    waves: [{ percent: 1, holdMinutes: 1440, leastSuccessPercent: 95 }],
    startAt: '2026-11-23T08:00:00Z',
  },
};
