import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scopeNames } from '#shared/access/scopes.ts';
import { anOperationId } from '../../contract/samples.ts';
import { anImage, aReleaseOf } from '../../support/sample-release.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  api.releases.vouching.unsigned = new Set();
  for (const client of ['quality', 'safety']) await api.letIn(client, '*');
});
afterAll(() => api.stop());

/** A control unit that no other test knows. */
async function newEcu(slotBytes = 1_000): Promise<string> {
  const ecuId = `ecu-${anOperationId()}`;
  const body = { brand: 'volkswagen', hardwareId: `${ecuId}-hw`, ecuId, slotBytes };
  expect((await api.call('POST', '/v1/hardware', { body })).status).toBe(201);
  return ecuId;
}

const order = (...images: ReturnType<typeof anImage>[]) => ({ brand: 'volkswagen', ...aReleaseOf(images) });
const create = (body: object) => api.call('POST', '/v1/releases', { body });
const step = (releaseId: string, verb: string, client = 'operator') =>
  api.call('POST', `/v1/releases/${releaseId}/${verb}`, { client });

async function uploadedRelease(ecuId: string, changes = {}): Promise<string> {
  const { json } = await create(order(anImage(ecuId, ecuId, changes)));
  for (const path of json.paths) api.releases.files.set(path, Buffer.from(ecuId));
  expect((await step(json.releaseId, 'complete-upload')).json).toMatchObject({ status: 'uploaded' });
  return json.releaseId;
}

async function signedRelease(ecuId: string, changes = {}): Promise<string> {
  const releaseId = await uploadedRelease(ecuId, changes);
  expect((await step(releaseId, 'confirm-signatures')).json).toMatchObject({ status: 'signed' });
  return releaseId;
}

describe('a release', () => {
  test('goes from a draft to its approval by two who did not write it, and says who did what', async () => {
    const releaseId = await signedRelease(await newEcu());
    expect((await step(releaseId, 'approve', 'quality')).json).toMatchObject({ status: 'signed', approvalsMissing: 1 });
    expect((await step(releaseId, 'approve', 'quality')).json).toMatchObject({ status: 'signed', approvalsMissing: 1 });
    expect((await step(releaseId, 'approve', 'safety')).json).toMatchObject({
      status: 'approved',
      approvalsMissing: 0,
    });
    const { json } = await api.call('GET', `/v1/releases/${releaseId}`);
    expect(json.approvals.map(({ by }: { by: string }) => by)).toEqual(['quality', 'safety']);
    expect(json.steps.map(({ status, by }: { status: string; by: string }) => [status, by])).toEqual([
      ['draft', 'operator'],
      ['uploaded', 'operator'],
      ['signed', 'operator'],
      ['approved', 'safety'],
    ]);
    expect((await step(releaseId, 'withdraw')).json).toMatchObject({ status: 'withdrawn' });
    expect((await step(releaseId, 'approve', 'quality')).status).toBe(409);
  });

  test('may be for a hundred and thirty control units', async () => {
    const images = Array.from({ length: 130 }, (_, index) => anImage(`unit-${index}`, `image ${index}`));
    await Promise.all(
      images.map(({ ecuId, hardwareIds: [hardwareId] }) =>
        api.call('POST', '/v1/hardware', { body: { brand: 'volkswagen', hardwareId, ecuId, slotBytes: 1_000 } }),
      ),
    );
    const { status, json } = await create(order(...images));
    expect([status, json.paths.length]).toEqual([201, 130]);
    images.forEach((_, index) => void api.releases.files.set(json.paths[index], Buffer.from(`image ${index}`)));
    for (const verb of ['complete-upload', 'confirm-signatures'])
      expect((await step(json.releaseId, verb)).status).toBe(200);
    await step(json.releaseId, 'approve', 'quality');
    expect((await step(json.releaseId, 'approve', 'safety')).json.status).toBe('approved');
  });

  test('is not approved by who wrote it', async () => {
    const answer = await step(await signedRelease(await newEcu()), 'approve');
    expect([answer.status, answer.json.type]).toEqual([403, '/docs#problem-own-release']);
  });

  test.each([
    ['complete-upload', 'files-missing'],
    ['confirm-signatures', 'release-in-other-state'],
    ['approve', 'release-in-other-state'],
  ])('does not skip a step: %s of a draft is refused', async (verb, problem) => {
    const { json } = await create(order(anImage(await newEcu(), 'image')));
    const answer = await step(json.releaseId, verb, 'quality');
    expect([answer.status, answer.json.type]).toEqual([409, `/docs#problem-${problem}`]);
    expect((await api.call('GET', `/v1/releases/${json.releaseId}`)).json.status).toBe('draft');
  });

  test('whose images nobody vouches for is not signed', async () => {
    const releaseId = await uploadedRelease(await newEcu());
    const [path] = (await api.call('GET', `/v1/releases/${releaseId}`)).json.paths;
    api.releases.vouching.unsigned?.add(path);
    const answer = await step(releaseId, 'confirm-signatures');
    expect([answer.json.type, answer.json.errors[0].pointer]).toEqual(['/docs#problem-images-not-signed', '/images/0']);
  });

  test('names each file that is missing, or has another length or hash, and takes them one after the other', async () => {
    const [one, two] = [await newEcu(), await newEcu()];
    const { json } = await create(order(anImage(one, 'one'), anImage(two, 'two', { length: 4 })));
    const missing = async () =>
      (await step(json.releaseId, 'uploads')).json.items.map((it: { path: string }) => it.path);
    expect(await missing()).toEqual(json.paths);
    api.releases.files.set(json.paths[0], Buffer.from('one'));
    expect(await missing()).toEqual([json.paths[1]]);
    api.releases.files.set(json.paths[1], Buffer.from('two'));
    const answer = await step(json.releaseId, 'complete-upload');
    expect(answer.json.errors).toEqual([{ pointer: '/images/1/length', detail: 'the file has 3 bytes, not 4' }]);
    api.releases.files.set(json.paths[1], Buffer.from('two!'));
    const other = await step(json.releaseId, 'complete-upload');
    expect(other.json.errors).toMatchObject([{ pointer: '/images/1/sha256' }]);
    expect((await api.call('GET', `/v1/releases/${json.releaseId}`)).json.status).toBe('draft');
  });

  test('is seen by clients of its brand alone, and listed the newest first', async () => {
    api.time.now += 1000;
    const { json: first } = await create(order(anImage(await newEcu(), 'a')));
    api.time.now += 1000;
    const { json: second } = await create(order(anImage(await newEcu(), 'b')));
    const { json } = await api.call('GET', '/v1/releases?limit=2');
    expect(json.items.map(({ releaseId }: { releaseId: string }) => releaseId)).toEqual([
      second.releaseId,
      first.releaseId,
    ]);
    const older = await api.call('GET', `/v1/releases?limit=2&cursor=${json.nextCursor}`);
    expect(older.json.items).not.toContainEqual(json.items[0]);
    await api.letIn('peugeot', 'peugeot');
    expect((await api.call('GET', '/v1/releases', { client: 'peugeot' })).json.items).toEqual([]);
    const answer = await api.call('GET', `/v1/releases/${first.releaseId}`, { client: 'peugeot' });
    expect(answer.json.type).toBe('/docs#problem-release-not-found');
  });

  test('is written, approved and read by who has the scope for it', async () => {
    const hardware = { brand: 'volkswagen', hardwareId: 'x', ecuId: 'x', slotBytes: 1 };
    const without = (scope: string) => scopeNames.filter((name) => name !== scope);
    const tries = [
      ['POST', '/v1/hardware', 'manage_releases'],
      ['POST', `/v1/releases/rel-${anOperationId()}/approve`, 'approve_releases'],
      ['GET', '/v1/releases', 'read_releases'],
    ] as const;
    for (const [method, path, scope] of tries) {
      const body = path.endsWith('hardware') && { body: hardware };
      const answer = await api.call(method, path, { scopes: without(scope), ...body });
      expect([path, answer.json.type]).toEqual([path, '/docs#problem-scope-missing']);
    }
  });
});

describe('a release is refused, with the place that is wrong, and there is none more than before:', () => {
  const all = async () => (await api.call('GET', '/v1/releases?limit=1000')).json.items;
  const refusal = async (body: object) => {
    const before = await all();
    const { status, json } = await create(body);
    expect(await all()).toEqual(before);
    return [status, json.type, json.errors?.map((error: { pointer: string }) => error.pointer)];
  };

  test('hardware that nobody knows, or that sits elsewhere', async () => {
    const [ecu, other] = [await newEcu(), await newEcu()];
    const image = anImage(ecu, 'x', { hardwareIds: [`${ecu}-hw`, 'unheard-of', `${other}-hw`] });
    const pointers = ['/images/0/hardwareIds/1', '/images/0/hardwareIds/2'];
    expect(await refusal(order(image))).toEqual([422, '/docs#problem-unknown-hardware', pointers]);
  });

  test('an image that its slot cannot hold, or that is larger than any may be', async () => {
    const most = 5 * 1024 ** 3;
    for (const image of [anImage(await newEcu(4), 'too long'), anImage(await newEcu(most), '', { length: most + 1 })]) {
      expect(await refusal(order(image))).toEqual([422, '/docs#problem-image-too-large', ['/images/0/hardwareIds/0']]);
    }
  });

  test('two images for one control unit', async () => {
    const ecu = await newEcu();
    const pointers = ['/images/1/hardwareIds/0'];
    expect(await refusal(order(anImage(ecu, 'a'), anImage(ecu, 'b')))).toEqual([
      422,
      '/docs#problem-ecu-twice',
      pointers,
    ]);
  });

  test('a falling release counter, and one that was given to other bytes; the same image again is none', async () => {
    const ecu = await newEcu();
    const releaseId = await signedRelease(ecu, { releaseCounter: 7 });
    for (const client of ['quality', 'safety']) await step(releaseId, 'approve', client);
    const refused = [422, '/docs#problem-release-counter-falls', ['/images/0/hardwareIds/0']];
    expect(await refusal(order(anImage(ecu, 'other', { releaseCounter: 6 })))).toEqual(refused);
    expect(await refusal(order(anImage(ecu, 'other', { releaseCounter: 7 })))).toEqual(refused);
    expect((await create(order(anImage(ecu, ecu, { releaseCounter: 7 })))).status).toBe(201);
    expect((await create(order(anImage(ecu, 'other', { releaseCounter: 8 })))).status).toBe(201);
  });

  test('of two releases with the same counters one is approved', async () => {
    const ecu = await newEcu();
    const one = await signedRelease(ecu, { releaseCounter: 3 });
    const { json } = await create(order(anImage(ecu, 'another', { releaseCounter: 3 })));
    api.releases.files.set(json.paths[0], Buffer.from('another'));
    for (const verb of ['complete-upload', 'confirm-signatures']) await step(json.releaseId, verb);
    for (const client of ['quality', 'safety']) await step(one, 'approve', client);
    await step(json.releaseId, 'approve', 'quality');
    const answer = await step(json.releaseId, 'approve', 'safety');
    expect([answer.status, answer.json.type]).toEqual([422, '/docs#problem-release-counter-falls']);
    const after = await api.call('GET', `/v1/releases/${json.releaseId}`);
    expect(after.json).toMatchObject({ status: 'signed', approvalsMissing: 1 });
  });

  test('requirements that go in a circle, or beyond what the release brings', async () => {
    const [one, two] = [await newEcu(), await newEcu()];
    const wants = (ecuId: string, releaseCounter = 2) => ({ requires: [{ ecuId, releaseCounter }] });
    const circle = order(anImage(one, 'a', wants(two)), anImage(two, 'b', wants(one)));
    expect(await refusal(circle)).toEqual([
      ...[422, '/docs#problem-dependency-cycle'],
      ['/images/0/requires', '/images/1/requires'],
    ]);
    const unmet = order(anImage(one, 'a', wants(two, 3)), anImage(two, 'b'));
    const pointers = ['/images/0/requires/0/releaseCounter'];
    expect(await refusal(unmet)).toEqual([422, '/docs#problem-dependency-unmet', pointers]);
  });

  test('an RXSWIN that changes without an approval, or an approval without another RXSWIN', async () => {
    const content = order(anImage(await newEcu(), 'a'));
    const regulations = [
      { regulation: 'UN R79', rxswinBefore: 'A1', rxswinAfter: 'A2' },
      { regulation: 'UN R155', rxswinBefore: 'B1', rxswinAfter: 'B1', approvalReference: 'E1*155*0042' },
    ];
    expect(await refusal({ ...content, approvalRecord: { ...content.approvalRecord, regulations } })).toEqual([
      ...[422, '/docs#problem-rxswin-contradicts'],
      ['/approvalRecord/regulations/0/approvalReference', '/approvalRecord/regulations/1/rxswinAfter'],
    ]);
  });

  test.each([
    ['a hash that is none', { sha256: 'ABC' }, '/images/0/sha256'],
    ['a counter of nought', { releaseCounter: 0 }, '/images/0/releaseCounter'],
    ['a file of nothing', { length: 0 }, '/images/0/length'],
    ['a member that nobody knows', { colour: 'red' }, '/images/0/colour'],
  ])('%s', async (_, changes, pointer) => {
    const image = { ...anImage(await newEcu(), 'a'), ...changes };
    expect(await refusal(order(image))).toEqual([400, '/docs#problem-invalid-body', [pointer]]);
  });

  test('a precondition that no vehicle knows, with those that it does', async () => {
    const content = order(anImage(await newEcu(), 'a'));
    const { status, json } = await create({ ...content, preconditions: [{ kind: 'sunny' }] });
    const detail = 'is none of parked, ignition-off, battery, not-charging';
    expect([status, json.errors]).toEqual([400, [{ pointer: '/preconditions/0/kind', detail }]]);
  });

  test('texts in no language, in one that is none, or too long for an offer', async () => {
    const content = order(anImage(await newEcu(), 'a'));
    const text = { title: 'T', notes: 'N', unavailable: '' };
    for (const texts of [
      {},
      { german: text },
      { en: { ...text, notes: 'x'.repeat(4000) }, de: { ...text, notes: 'y'.repeat(1000) } },
    ]) {
      expect((await refusal({ ...content, texts })).slice(0, 2)).toEqual([400, '/docs#problem-invalid-body']);
    }
  });
});

test('a catalogue entry is added once, and never changes', async () => {
  const ecuId = await newEcu();
  const body = { brand: 'volkswagen', hardwareId: `${ecuId}-hw`, ecuId, slotBytes: 1_000 };
  expect((await api.call('POST', '/v1/hardware', { body })).status).toBe(200);
  const other = await api.call('POST', '/v1/hardware', { body: { ...body, slotBytes: 2_000 } });
  expect([other.status, other.json.type]).toEqual([409, '/docs#problem-hardware-known-otherwise']);
  const { json } = await api.call('GET', '/v1/hardware?brand=volkswagen&limit=100');
  expect(json.items).toContainEqual(body);
});
