import { z } from 'zod';

const managedCachePolicies: ReadonlyMap<string, CacheTimes> = new Map([
  // CloudFront developer guide, "Use managed cache policies": CachingOptimized, CachingDisabled.
  ['658327ea-f89d-4fab-a63d-7e88639e58f6', { least: 1, usual: 86_400, most: 31_536_000 }],
  ['4135ea2d-6df8-44a3-9df3-4b5a84be39ad', { least: 0, usual: 0, most: 0 }],
]);

/** CloudFront developer guide, "Use managed response headers policies": SimpleCORS. */
const simpleCors = '60669652-455b-4ae9-85a4-c4c02393f86c';

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
  /** Viewers that take a compressed answer get one. */
  readonly compresses: boolean;
  /** Pages of any origin may read the answers. */
  readonly sharesWithOrigins: boolean;
}

export interface Distribution {
  readonly id: string;
  readonly arn: string;
  readonly door: Door;
  /** In the order in which they are asked; the last one has no pattern. */
  readonly behaviours: readonly Behaviour[];
}

/** On AWS each distribution has a host of its own. Here are two addresses: of what is signed, and of what everybody may read. */
export type Door = 'signed' | 'open';

const behaviour = z.strictObject({
  TargetOriginId: z.string(),
  ViewerProtocolPolicy: z.enum(['https-only', 'redirect-to-https'], 'the local edge knows what is for HTTPS'),
  CachePolicyId: z
    .string()
    .refine((id) => managedCachePolicies.has(id), 'the local edge knows CachingOptimized and CachingDisabled'),
  AllowedMethods: z.tuple([z.literal('GET'), z.literal('HEAD')]).optional(),
  CachedMethods: z.tuple([z.literal('GET'), z.literal('HEAD')]).optional(),
  Compress: z.boolean(),
  ResponseHeadersPolicyId: z.literal(simpleCors, 'the local edge knows SimpleCORS').optional(),
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
    return {
      ...{ pattern, bucket, times, keyGroups: one.TrustedKeyGroups, compresses: one.Compress },
      sharesWithOrigins: one.ResponseHeadersPolicyId !== undefined,
    };
  };
  const behaviours = [
    ...CacheBehaviors.map(({ PathPattern, ...one }) => read(one, PathPattern)),
    read(DefaultCacheBehavior),
  ];
  return { ...place, behaviours, door: doorOf(behaviours) };
}

/** @throws Error where some of it is signed and some is not: no address here serves both */
function doorOf(behaviours: readonly Behaviour[]): Door {
  const signed = behaviours.filter(({ keyGroups }) => keyGroups.length > 0).length;
  if (signed > 0 && signed < behaviours.length) throw new Error('a distribution is signed in part, and open in part');
  return signed > 0 ? 'signed' : 'open';
}
