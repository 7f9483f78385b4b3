import { z } from 'zod';
import type { Provisioned, ResourceScope, ResourceType } from '#local/template/resource-type.ts';
import { type Door, parseDistribution } from './distribution.ts';
import { type Edges, idOf } from './edges.ts';

const keyProperties = z.strictObject({
  PublicKeyConfig: z.strictObject({
    CallerReference: z.string(),
    Name: z.string(),
    EncodedKey: z.string(),
    Comment: z.string().optional(),
  }),
});

const groupProperties = z.strictObject({
  KeyGroupConfig: z.strictObject({
    Name: z.string(),
    Items: z.array(z.string()).min(1).max(5),
    Comment: z.string().optional(),
  }),
});

const accessProperties = z.strictObject({
  OriginAccessControlConfig: z.strictObject({
    Name: z.string(),
    Description: z.string().optional(),
    OriginAccessControlOriginType: z.literal('s3'),
    SigningBehavior: z.literal('always', 'the local edge signs what it reads, always'),
    SigningProtocol: z.literal('sigv4'),
  }),
});

interface EdgeAddress {
  readonly edges: Edges;
  /** `host:port` under which viewers reach the edge. */
  readonly domainName: (door: Door) => string;
}

/** `AWS::CloudFront::Distribution`, `OriginAccessControl`, `PublicKey` and `KeyGroup`. */
export function edgeResources({ edges, domainName }: EdgeAddress): ResourceType[] {
  return [
    {
      type: 'AWS::CloudFront::PublicKey',
      create(properties) {
        const { Name, EncodedKey } = parse(keyProperties, properties, 'public key').PublicKeyConfig;
        return withId(edges.putKey(Name, EncodedKey));
      },
    },
    {
      type: 'AWS::CloudFront::KeyGroup',
      create(properties) {
        const { Name, Items } = parse(groupProperties, properties, 'key group').KeyGroupConfig;
        return withId(edges.putGroup(Name, Items));
      },
    },
    {
      type: 'AWS::CloudFront::OriginAccessControl',
      create(properties) {
        const { Name } = parse(accessProperties, properties, 'origin access control').OriginAccessControlConfig;
        return withId(idOf('E', Name));
      },
    },
    {
      type: 'AWS::CloudFront::Distribution',
      create(properties, { physicalName }: ResourceScope) {
        const id = idOf('E', physicalName);
        const arn = `arn:aws:cloudfront::${edges.accountId}:distribution/${id}`;
        const distribution = parseDistribution(properties, { id, arn });
        edges.host(distribution);
        return { ref: id, attributes: { Id: id, DomainName: domainName(distribution.door) } };
      },
    },
  ];
}

function withId(id: string): Provisioned {
  return { ref: id, attributes: { Id: id } };
}

function parse<T>(schema: z.ZodType<T>, properties: unknown, what: string): T {
  const parsed = schema.safeParse(properties);
  if (parsed.success) return parsed.data;
  throw new Error(`The local cloud does not understand this ${what}: ${z.prettifyError(parsed.error)}`);
}
