import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KMSClient } from '@aws-sdk/client-kms';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { VerifiedImage } from '#device-sdk/ota/verification/verified-update.ts';
import { DownloadGrants } from '#functions/adapters/cloudfront/download-grants.ts';
import { repository } from '#local/assembly.ts';
import { administrator } from '../support/aws-clients.ts';
import { CountingLine } from './counting-line.ts';
import type { DownloadOrder, DownloadReport } from './download-line.ts';
import { type Figure, rounded } from './figure.ts';
import { Meter } from './meter.ts';

const bytes = 1_000_000_000;
const warmUp = 4_000_000;
const cutEvery = 20_000_000;
/** Only the line that counts listens there. */
const lineAddress = '127.0.0.2';

/** The agent fetches 1 GB from the local CloudFront, over TLS: once in peace, once over a line that breaks all the time. */
export async function downloadFigures(): Promise<readonly Figure[]> {
  const state = mkdtempSync(join(tmpdir(), 'fleetloom-bench-'));
  const meter = await Meter.start(state);
  try {
    const images = [await stored(meter, state, 'small', warmUp), await stored(meter, state, 'large', bytes)];
    const clean = await downloaded(meter, state, images);
    const broken = await downloaded(meter, state, images, cutEvery);
    return [
      { name: 'download-memory-added', value: clean.memory, unit: 'MB', limit: 64 },
      { name: 'download-overhead', value: clean.overhead, unit: '%', limit: 1 },
      { name: 'download-rate', value: clean.rate, unit: 'MB/s' },
      { name: 'download-cut-memory-added', value: broken.memory, unit: 'MB', limit: 64 },
      { name: 'download-cut-overhead', value: broken.overhead, unit: '%', limit: 5 },
      { name: 'download-cut-rate', value: broken.rate, unit: 'MB/s' },
      { name: 'download-cuts', value: broken.cuts, unit: '' },
    ];
  } finally {
    await meter.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

/** Bytes that nothing compresses, in the bucket. */
async function stored(meter: Meter, state: string, name: string, length: number): Promise<VerifiedImage> {
  const file = join(state, name);
  const sha256 = createHash('sha256');
  const out = createWriteStream(file);
  const block = randomBytes(1_000_000);
  for (let at = 0; at < length; at += block.length) {
    block.writeUInt32BE(at, 0);
    sha256.update(block);
    if (!out.write(Buffer.from(block))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  const s3 = new S3Client({ ...administrator(meter.cloud), forcePathStyle: true });
  const Bucket = meter.made('AWS::S3::Bucket', /UpdateFiles/).ref;
  const Body = createReadStream(file);
  await s3.send(new PutObjectCommand({ Bucket, Key: `images/bench/${name}`, Body, ContentLength: length }));
  s3.destroy();
  rmSync(file);
  const its = { ecuId: 'infotainment', hardwareId: 'ivi', softwareVersion: '2.0.0', releaseCounter: 2 };
  return { ...its, path: name, length, hashes: { sha256: sha256.digest('hex') } };
}

async function downloaded(meter: Meter, state: string, images: readonly VerifiedImage[], cut?: number) {
  const kms = new KMSClient(administrator(meter.cloud));
  const domainName = String(meter.made('AWS::CloudFront::Distribution').attributes['DomainName']);
  const grant = await new DownloadGrants({
    ...{ client: kms, clock: { now: () => Date.now() }, domainName },
    keyPairId: meter.made('AWS::CloudFront::PublicKey').ref,
    keyId: meter.made('AWS::KMS::Key', /Downloads/).ref,
  }).open('images/bench/');
  kms.destroy();
  const line = await CountingLine.open(lineAddress, Number(new URL(grant.baseUrl).port), cut);
  const child = fork(join(repository, 'test', 'bench', 'download-line.ts'), [lineAddress], {
    cwd: repository,
    execArgv: ['--import', 'tsx'],
  });
  const directory = join(state, `agent-${cut ?? 0}`);
  child.send({ directory, caFile: meter.cloud.mqtt.caFile, grant, images } satisfies DownloadOrder);
  const [report]: DownloadReport[] = await once(child, 'message');
  await line.close();
  rmSync(directory, { recursive: true, force: true });
  if (report === undefined) throw new Error('The download ended without a word');
  const wanted = images.reduce((sum, { length }) => sum + length, 0);
  return {
    memory: rounded(report.added / 1024 ** 2),
    overhead: rounded((100 * (line.received + line.sent - wanted)) / wanted),
    rate: rounded(bytes / 1000 / report.took),
    cuts: line.cuts,
  };
}
