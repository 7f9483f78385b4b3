import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ApiClient } from '#local/tour/api-client.ts';
import { signed } from '#shared/ota/uptane/signing.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { anOfflineKey, aRootPayload, signedTargets } from '../support/offline-keys.ts';
import { anImage, aReleaseOf } from '../support/sample-release.ts';

let scene: JourneyCloud;
let operator: ApiClient;

beforeAll(async () => {
  scene = await openCloud();
  operator = new ApiClient(scene.cloud.file, 'operator');
}, startTimeout);
afterAll(() => scene.close());

const created = z.object({ releaseId: z.string(), paths: z.array(z.string()) });
const missing = z.object({
  items: z.array(z.object({ path: z.string(), url: z.string(), headers: z.record(z.string(), z.string()) })),
});
const status = z.looseObject({ status: z.string() });
const repository = z.looseObject({
  onlineKey: z.object({ key: z.custom<Parameters<typeof aRootPayload>[0]['online']>() }),
  published: z.array(z.object({ role: z.string(), version: z.number(), expiresAt: z.string() })),
});

const bytes = Buffer.from('what a gateway is flashed with');
const image = anImage('gateway', bytes);

async function post<T>(path: string, body: unknown, schema: z.ZodType<T>, client = operator): Promise<T> {
  const answer = await client.post(path, body);
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
  return schema.parse(answer.body);
}

const view = async () => repository.parse((await operator.get('/v1/repositories/image')).body);

/** A draft of one image, for hardware of its own. */
async function drafted(name: string) {
  const hardwareId = `${name}-hw`;
  await post('/v1/hardware', { brand: 'volkswagen', hardwareId, ecuId: 'gateway', slotBytes: 1_000 }, z.unknown());
  const content = aReleaseOf([{ ...image, hardwareIds: [hardwareId] }]);
  return post('/v1/releases', { brand: 'volkswagen', ...content }, created);
}

describe('a release', () => {
  const [root, targets] = [anOfflineKey(), anOfflineKey()];

  test('comes in whole: the storage itself refuses a byte that is another, and one that nobody signed for', async () => {
    const { releaseId } = await drafted('first');
    const { items } = await post(`/v1/releases/${releaseId}/uploads`, undefined, missing);
    const [upload] = items;
    if (upload === undefined) throw new Error('nothing is missing');
    const put = (body: Buffer, headers: Record<string, string> = upload.headers) =>
      fetch(upload.url, { method: 'PUT', body, headers });
    const wrong = await put(Buffer.from('what a gateway is flashed witH'));
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('BadDigest')]);
    expect((await put(bytes, {})).status).toBe(403);
    expect((await operator.post(`/v1/releases/${releaseId}/complete-upload`, undefined)).status).toBe(409);
    expect((await put(bytes)).status).toBe(200);
    const done = await post(`/v1/releases/${releaseId}/complete-upload`, undefined, status);
    expect(done.status).toBe('uploaded');
    // Another release with the same bytes finds them there.
    const again = await drafted('second');
    expect(await post(`/v1/releases/${again.releaseId}/uploads`, undefined, missing)).toEqual({ items: [] });
  });

  test('is vouched for by what is signed offline, under Snapshot and Timestamp of the cloud’s own key', async () => {
    const { onlineKey } = await view();
    const submit = (role: string, text: string) => post(`/v1/repositories/image/metadata/${role}`, { text }, status);
    const payload = aRootPayload({ root: [root], targets: [targets], online: onlineKey.key });
    expect(await submit('root', await signed(payload, [root]))).toEqual({ status: 'published', version: 1 });
    const { releaseId, paths } = await drafted('third');
    const custom = { hardwareIds: ['third-hw'], releaseCounter: 2, softwareVersion: '2.0.0', releaseId };
    const hashes = { sha256: image.sha256, sha512: image.sha512 };
    const target = { [paths[0] ?? '']: { length: image.length, hashes, custom } };
    await post(`/v1/releases/${releaseId}/complete-upload`, undefined, status);
    await submit('targets', await signedTargets({ version: 1, targets: target }, targets));
    expect((await post(`/v1/releases/${releaseId}/confirm-signatures`, undefined, status)).status).toBe('signed');
    const approve = (client: string) =>
      post(`/v1/releases/${releaseId}/approve`, undefined, status, new ApiClient(scene.cloud.file, client));
    await approve('quality');
    expect((await approve('safety')).status).toBe('approved');
  });

  test('stays vouched for: the schedule signs anew before the Timestamp expires', async () => {
    const timestamp = async () => (await view()).published.find(({ role }) => role === 'timestamp');
    const before = await timestamp();
    scene.cloud.clock.runAhead(2 * 24 * 3_600_000);
    operator = new ApiClient(scene.cloud.file, 'operator');
    await expect.poll(async () => (await timestamp())?.version, { timeout: 20_000 }).toBe((before?.version ?? 0) + 1);
    expect(Date.parse((await timestamp())?.expiresAt ?? '')).toBeGreaterThan(scene.cloud.clock.now() + 24 * 3_600_000);
  });
});
