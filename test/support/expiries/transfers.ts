import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { eventually } from '#local/tour/telling.ts';
import { administrator } from '../aws-clients.ts';
import { Transfers } from '../transfers.ts';
import { type Ask, type Make, type Stage, statusOf } from './stage.ts';

const badFile = 'vin;brand;model;market\nnonsense;volkswagen;ID.3;DE\n';

/** Files that come in and go out. */
export const ofTransfers: Readonly<Record<string, Make>> = {
  async 'the place for an upload'(stage) {
    const transfers = new Transfers(stage.operator);
    const [first, second] = [await transfers.start('ndjson'), await transfers.start('ndjson')];
    const put = async (url: string) => statusOf(200, (await fetch(url, { method: 'PUT', body: '{}\n' })).status);
    return [() => put(first.uploadUrl), () => put(second.uploadUrl), () => put(second.uploadUrl)];
  },
  async 'an import that nobody uploads'(stage) {
    const { importId } = await new Transfers(stage.operator).start('csv');
    return async () => {
      const view = await new Transfers(stage.operator).get(importId);
      return view.problem?.code ?? view.status;
    };
  },
  async 'the link to a report'(stage) {
    const { view } = await new Transfers(stage.operator).import('csv', badFile);
    return async () => statusOf(200, (await fetch(view.reportUrl ?? '')).status);
  },
  async 'a file that was uploaded'(stage) {
    const { importId } = await new Transfers(stage.operator).import('csv', badFile);
    return lying(stage, `imports/${importId}`);
  },
  async 'the report of an import'(stage) {
    const { importId } = await new Transfers(stage.operator).import('csv', badFile);
    return lying(stage, `reports/${importId}`);
  },
  async 'a file that was exported'(stage) {
    const before = new Set(await keysUnder(stage, 'exports/'));
    await new Transfers(stage.operator).export({ format: 'csv', model: 'none' });
    const [key] = (await keysUnder(stage, 'exports/')).filter((one) => !before.has(one));
    if (key === undefined) throw new Error('Nothing was exported');
    return lying(stage, key);
  },
};

function lying(stage: Stage, prefix: string): readonly [Ask, Ask, Ask] {
  const there: Ask = async () => ((await keysUnder(stage, prefix)).length > 0 ? 'good' : 'gone');
  return [there, () => eventually('a lifecycle', there, (now) => now === 'gone'), there];
}

async function keysUnder(stage: Stage, Prefix: string): Promise<readonly string[]> {
  const client = new S3Client({ ...administrator(stage.file), forcePathStyle: true });
  const Bucket = stage.nameOf('AWS::S3::Bucket', '');
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
  client.destroy();
  return Contents.map(({ Key = '' }) => Key);
}
