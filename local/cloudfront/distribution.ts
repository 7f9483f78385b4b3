import { z } from 'zod';

const managedCachePolicies: ReadonlyMap<string, CacheTimes> = new Map([
  // CloudFront developer guide, "Use managed cache policies": CachingOptimized, CachingDisabled.
  ['658327ea-f89d-4fab-a63d-7e88639e58f6', { least: 1, usual: 86_400, most: 31_536_000 }],
  ['4135ea2d-6df8-44a3-9df3-4b5a84be39ad', { least: 0, usual: 0, most: 0 }],
]);

/** Seconds for which an answer is kept: at least, without a word of the origin, and at most. */
export interface CacheTimes {
  readonly least: number;
  readonly usual: number;
  readonly most: number;
}

export interface Behaviour {
  /** Undefined: whatever no other pattern fits. */
  readonly pattern: string | undefined;
  readonly bucket: string;
  readonly times: CacheTimes;
  /** Who may sign; without any everybody may read. */
  readonly keyGroups: readonly string[];
}

export interface Distribution {
  readonly id: string;
  readonly arn: string;
  /** In the order in which they are asked; the last one has no pattern. */
  readonly behaviours: readonly Behaviour[];
}

const behaviour = z.strictObject({
  TargetOriginId: z.string(),
  ViewerProtocolPolicy: z.literal('https-only', 'the local edge speaks HTTPS alone'),
  CachePolicyId: z
    .string()
    .refine((id) => managedCachePolicies.has(id), 'the local edge knows CachingOptimized and CachingDisabled'),
  AllowedMethods: z.tuple([z.literal('GET'), z.literal('HEAD')]).optional(),
  CachedMethods: z.tuple([z.literal('GET'), z.literal('HEAD')]).optional(),
  // The bytes are what they are: images do not become smaller.
  Compress: z.literal(false),
  TrustedKeyGroups: z.array(z.string()).default([]),
});
type BehaviourProperties = z.infer<typeof behaviour>;

const origin = z.strictObject({
  Id: z.string(),
  DomainName: z
    .string()
    .regex(/^[a-z0-9.-]+\.s3\.[a-z0-9-]+\.amazonaws\.com$/, "the local edge reads from buckets by their region's name"),
  OriginAccessControlId: z.string(),
  S3OriginConfig: z.strictObject({ OriginAccessIdentity: z.literal('') }),
});

const properties = z.strictObject({
  DistributionConfig: z.strictObject({
    Enabled: z.literal(true),
    Comment: z.string().max(128).optional(),
    DefaultCacheBehavior: behaviour,
    CacheBehaviors: z.array(behaviour.extend({ PathPattern: z.string().min(1).max(255) })).default([]),
    Origins: z.array(origin).min(1),
    // What they change is how an edge of AWS is reached and billed; here everything comes over loopback.
    HttpVersion: z.string().optional(),
    IPV6Enabled: z.boolean().optional(),
    PriceClass: z.string().optional(),
    ViewerCertificate: z.strictObject({ CloudFrontDefaultCertificate: z.literal(true) }).optional(),
    Restrictions: z.undefined('the local edge does not know where on earth somebody is').optional(),
  }),
  Tags: z.unknown().optional(),
});

/** @throws Error that names every property or value which is not understood */
export function parseDistribution(given: unknown, place: { readonly id: string; readonly arn: string }): Distribution {
  const parsed = properties.safeParse(given);
  if (!parsed.success) {
    throw new Error(`The local cloud does not understand this distribution: ${z.prettifyError(parsed.error)}`);
  }
  const { CacheBehaviors, DefaultCacheBehavior, Origins } = parsed.data.DistributionConfig;
  const buckets = new Map(Origins.map(({ Id, DomainName }) => [Id, DomainName.split('.s3.')[0] ?? '']));
  const read = (one: BehaviourProperties, pattern?: string): Behaviour => {
    const bucket = buckets.get(one.TargetOriginId);
    const times = managedCachePolicies.get(one.CachePolicyId);
    if (bucket === undefined) throw new Error(`a behaviour names the origin ${one.TargetOriginId}, which is none`);
    if (times === undefined) throw new Error(`the cache policy ${one.CachePolicyId} is not known`);
    return { pattern, bucket, times, keyGroups: one.TrustedKeyGroups };
  };
  return {
    ...place,
    behaviours: [
      ...CacheBehaviors.map(({ PathPattern, ...one }) => read(one, PathPattern)),
      read(DefaultCacheBehavior),
    ],
  };
}
