import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { MovableClock } from '#local/clock.ts';
import { edgeResources } from '#local/cloudfront/edge-resources.ts';
import { EdgeServer } from '#local/cloudfront/edge-server.ts';
import { Edges } from '#local/cloudfront/edges.ts';
import { Origin } from '#local/cloudfront/origin.ts';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import { Iam } from '#local/iam/iam.ts';
import { openAuthority } from '#local/iot/authority/authority.ts';
import { bucketResources } from '#local/s3/bucket-resources.ts';
import { Buckets } from '#local/s3/buckets.ts';
import { s3Service } from '#local/s3/service.ts';
import { State } from '#local/state/collection.ts';
import { place, scope } from '../dynamo/local-tables.ts';
import { newDirectory } from '../s3/new-directory.ts';

const Bucket = 'updates';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const pem = (key = privateKey) => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  /** The connection broke before the answer was whole. */
  readonly broken: boolean;
}

/** An edge over a bucket, with one trusted key. */
export async function localEdge() {
  const directory = newDirectory();
  const clock = new MovableClock();
  const state = new State(directory);
  const iam = new Iam({ accountId: place.accountId, state, clock });
  const faults = new PlannedFaults(clock);
  const buckets = new Buckets({ ...place, access: iam, state, clock, announce: () => {}, log: () => {} });
  const gateway = new Gateway({ port: 0, access: iam, faults, log: () => {} });
  gateway.add(s3Service(buckets));
  await gateway.listen();
  const { server, caPem } = await openAuthority(directory);
  const edges = new Edges(place.accountId);
  const now = () => clock.now();
  const common = { edges, origin: new Origin({ buckets, iam, now }), faults, now, log: () => {} };
  const [edge, open] = [new EdgeServer({ ...common, server }), new EdgeServer(common)];
  await Promise.all([edge.listen(0), open.listen(0)]);
  const client = new S3Client({
    ...{ region: place.region, endpoint: gateway.endpoint, forcePathStyle: true },
    credentials: iam.administratorKey,
  });
  const types = [
    ...bucketResources(buckets),
    ...edgeResources({ edges, domainName: (door) => (door === 'open' ? open : edge).domainName }),
  ];
  const create = async (type: string, name: string, properties: Readonly<Record<string, unknown>>) =>
    types.find((candidate) => candidate.type === type)?.create(properties, scope(name));

  await create('AWS::S3::Bucket', Bucket, {});
  const base = `https://${edge.domainName}/`;
  return {
    ...{ clock, faults, create, base, domainName: edge.domainName, openBase: `http://${open.domainName}/` },
    async put(Key: string, Body: string | Buffer, more: { CacheControl?: string; ContentType?: string } = {}) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
    },
    /** What the distribution may read, as the bucket's policy says. */
    async allow(Resource: string, sourceArn = 'arn:aws:cloudfront::000000000000:distribution/*') {
      const Statement = {
        ...{ Effect: 'Allow', Action: 's3:GetObject', Resource },
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Condition: { ArnLike: { 'AWS:SourceArn': sourceArn } },
      };
      await create('AWS::S3::BucketPolicy', 'policy', { Bucket, PolicyDocument: { Statement: [Statement] } });
    },
    get(url: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Got> {
      return new Promise((resolve, reject) => {
        const ask = url.startsWith('https:') ? request : plainRequest;
        const sent = ask(url, { ca: caPem, headers, method, agent: false }, (answer) => {
          const chunks: Buffer[] = [];
          const end = (broken: boolean) =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes: Buffer.concat(chunks), broken });
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => end(false));
          answer.on('error', () => end(true));
        });
        sent.on('error', reject).end();
      });
    },
    async close() {
      client.destroy();
      await edge.close();
      await open.close();
      await gateway.close();
      buckets.stop();
      state.close();
    },
  };
}

export const distribution = (more: object = {}, behaviour: object = {}) => ({
  DistributionConfig: {
    Enabled: true,
    Origins: [
      {
        ...{ Id: 'bucket', DomainName: 'updates.s3.eu-central-1.amazonaws.com', OriginAccessControlId: 'E1' },
        S3OriginConfig: { OriginAccessIdentity: '' },
      },
    ],
    DefaultCacheBehavior: {
      ...{ TargetOriginId: 'bucket', ViewerProtocolPolicy: 'https-only', Compress: false },
      CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
      ...behaviour,
    },
    ...more,
  },
});

/** With a policy for everything below `resource`, as the platform signs. */
export function signed(url: string, keyPairId: string, until: number, resource = url, key = privateKey): string {
  const Condition = { DateLessThan: { 'AWS:EpochTime': Math.floor(until / 1000) } };
  return getSignedUrl({
    ...{ url, keyPairId, algorithm: 'SHA256' },
    policy: JSON.stringify({ Statement: [{ Resource: resource, Condition }] }),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  });
}
