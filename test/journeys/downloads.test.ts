import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { KMSClient } from '@aws-sdk/client-kms';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { DownloadGrants } from '#functions/adapters/cloudfront/download-grants.ts';
import { onlineKey } from '#functions/adapters/kms/online-signers.ts';
import type { DownloadGrant } from '#shared/vehicle-cloud/update-envelopes.ts';
import { administrator } from '../support/aws-clients.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

let home: JourneyCloud;
let kms: KMSClient;
let grants: DownloadGrants;

const made = (type: string, logicalId: RegExp) => {
  const found = [...home.cloud.execution.resources.values()].find(
    (resource) => resource.type === type && logicalId.test(resource.logicalId),
  );
  if (found === undefined) throw new Error(`The template makes no ${type} ${logicalId.source}`);
  return found;
};

beforeAll(async () => {
  home = await openCloud();
  kms = new KMSClient(administrator(home.cloud.file));
  grants = new DownloadGrants({
    ...{ client: kms, clock: home.cloud.clock },
    domainName: String(made('AWS::CloudFront::Distribution', /./).attributes['DomainName']),
    keyPairId: made('AWS::CloudFront::PublicKey', /./).ref,
    keyId: made('AWS::KMS::Key', /Downloads/).ref,
  });
  const s3 = new S3Client({ ...administrator(home.cloud.file), forcePathStyle: true });
  const Bucket = made('AWS::S3::Bucket', /UpdateFiles/).ref;
  for (const Key of ['images/vw/one/engine.bin', 'images/vw/two/engine.bin', 'secret/engine.bin']) {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  }
  s3.destroy();
}, startTimeout);
afterAll(async () => {
  kms.destroy();
  await home.close();
});

function read({ baseUrl, query }: DownloadGrant, path: string): Promise<{ status: number; text: string }> {
  const ca = readFileSync(home.cloud.file.mqtt.caFile);
  return new Promise((resolve, reject) => {
    get(`${baseUrl}${path}?${query}`, { ca, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    }).on('error', reject);
  });
}

test('a grant that KMS signed opens the folder of one release at the edge, for an hour', async () => {
  const grant = await grants.open('images/vw/one/');
  expect(await read(grant, 'engine.bin')).toEqual({ status: 200, text: 'images/vw/one/engine.bin' });
  const other = { ...grant, baseUrl: grant.baseUrl.replace('/one/', '/two/') };
  expect((await read(other, 'engine.bin')).status).toBe(403);
  home.cloud.clock.runAhead(home.cloud.clock.ahead + 3_601_000);
  expect((await read(grant, 'engine.bin')).status).toBe(403);
  expect((await read(await grants.open('images/vw/one/'), 'engine.bin')).status).toBe(200);
});

test('vehicles share a grant while more than half of its time is left', async () => {
  const first = await grants.open('images/vw/two/');
  expect(await grants.open('images/vw/two/')).toBe(first);
  home.cloud.clock.runAhead(home.cloud.clock.ahead + 1_801_000);
  expect(await grants.open('images/vw/two/')).not.toEqual(first);
});

test('the bucket opens its images to the distribution, and nothing else that may lie in it', async () => {
  expect((await read(await grants.open('secret/'), 'engine.bin')).status).toBe(403);
});

test('what an online key of KMS signs, however long, a vehicle verifies by the key that a Root names', async () => {
  const { publicKey, signer } = await onlineKey(kms, made('AWS::KMS::Key', /Director/).ref);
  const bytes = Buffer.alloc(20_000, 'targets ');
  const signature = await signer.sign(bytes);
  expect(cryptography.verify(publicKey, bytes, signature)).toBe(true);
  expect(cryptography.verify(publicKey, Buffer.alloc(20_000, 'other '), signature)).toBe(false);
  const { publicKey: other } = await onlineKey(kms, made('AWS::KMS::Key', /Repository/).ref);
  expect(cryptography.verify(other, bytes, signature)).toBe(false);
});
