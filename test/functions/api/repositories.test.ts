import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { utf8 } from '#shared/ota/uptane/canonical.ts';
import { refreshed } from '#shared/ota/uptane/repository-refresh.ts';
import { firstRoot, walkRoots } from '#shared/ota/uptane/root-walk.ts';
import { fileText, signed } from '#shared/ota/uptane/signing.ts';
import { anOperationId } from '../../contract/samples.ts';
import { aDirectorRootPayload, anOfflineKey, aRootPayload, signedTargets } from '../../support/offline-keys.ts';
import { anImage, aReleaseOf } from '../../support/sample-release.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.stop());

const [root, targets, second] = [anOfflineKey(), anOfflineKey(), anOfflineKey()];

const onlineKey = async (repository = 'image') =>
  (await api.call('GET', `/v1/repositories/${repository}`)).json.onlineKey.key;
const submit = (role: string, text: string, more = {}, repository = 'image') =>
  api.call('POST', `/v1/repositories/${repository}/metadata/${role}`, { body: { text, ...more } });
const kind = ({ status, json }: { status: number; json: { type?: string; status?: string } }) => [
  status,
  json.type?.replace('/docs#problem-', '') ?? json.status,
];

async function begun(threshold = 1, signers = [targets, second]) {
  const plan = { root: [root], targets: signers, online: await onlineKey(), threshold: 1 };
  const payload = aRootPayload(plan);
  const roles = { ...payload.roles, targets: { ...payload.roles.targets, threshold } };
  expect(kind(await submit('root', await signed({ ...payload, roles }, [root])))).toEqual([200, 'published']);
}

const target = (version: number) => ({ [`volkswagen/gateway/${version}`]: aTarget(version) });
const aTarget = (length: number) => ({
  length,
  hashes: { sha256: 'a'.repeat(64), sha512: 'b'.repeat(128) },
  custom: { hardwareIds: ['gw'], releaseCounter: 1, softwareVersion: '1', releaseId: 'rel' },
});

/** What a vehicle makes of what is published. */
async function asVehicle(firstRootText: string) {
  const source = {
    async read(name: string) {
      const text = api.releases.published.get(`image/${name}`);
      return text === undefined ? undefined : utf8(text);
    },
  };
  const trusted = { root: firstRoot(firstRootText, cryptography), delegated: new Map() };
  const verification = { source, now: api.time.now, cryptography };
  return refreshed(await walkRoots(trusted, source, cryptography), verification);
}

describe('the Image repository', () => {
  test('publishes what was signed offline under a Snapshot and Timestamp that a vehicle accepts', async () => {
    await begun();
    const first = api.releases.published.get('image/1.root.json') ?? '';
    expect(kind(await submit('targets', await signedTargets({ version: 1 }, targets)))).toEqual([200, 'published']);
    expect((await asVehicle(first)).targets.content.version).toBe(1);
    await submit('targets', await signedTargets({ version: 2, targets: target(1) }, second));
    const { targets: read, timestamp } = await asVehicle(first);
    expect([read.content.version, timestamp.content.version, [...read.content.targets.keys()]]).toEqual([
      ...[2, 2],
      ['volkswagen/gateway/1'],
    ]);
  });

  test('waits until as many have signed as have to, wherever they are', async () => {
    await begun(2);
    const plan = { version: 1, targets: target(1) };
    const one = await submit('targets', await signedTargets(plan, targets));
    expect(kind(one)).toEqual([202, 'pending']);
    expect(one.json.pending).toMatchObject({ version: 1, missing: 1, signedBy: [targets.keyid] });
    expect(kind(await submit('targets', await signedTargets(plan, targets)))).toEqual([202, 'pending']);
    const waiting = await api.call('GET', '/v1/repositories/image/metadata/targets?state=pending');
    expect(JSON.parse(waiting.json.text).signatures).toHaveLength(1);
    const other = await signedTargets({ ...plan, targets: target(2) }, second);
    expect(kind(await submit('targets', other))).toEqual([409, 'other-version-pending']);
    expect(kind(await submit('targets', await signedTargets(plan, second)))).toEqual([200, 'published']);
    expect((await api.call('GET', '/v1/repositories/image')).json.pending).toEqual([]);
    const text = (await api.call('GET', '/v1/repositories/image/metadata/targets')).json.text;
    expect(JSON.parse(text).signatures).toHaveLength(2);
  });

  test('forgets what is pending when that is dropped', async () => {
    await begun(2);
    await submit('targets', await signedTargets({ version: 1 }, targets));
    await api.call('DELETE', '/v1/repositories/image/metadata/targets/pending');
    const plan = { version: 1, targets: target(2) };
    expect(kind(await submit('targets', await signedTargets(plan, targets)))).toEqual([202, 'pending']);
    expect(kind(await submit('targets', await signedTargets(plan, second)))).toEqual([200, 'published']);
  });

  test('follows a Root that the keys before it and its own have signed, and no other', async () => {
    await begun();
    await submit('targets', await signedTargets({ version: 1 }, targets));
    const first = api.releases.published.get('image/1.root.json') ?? '';
    const next = anOfflineKey();
    const online = await onlineKey();
    const payload = aRootPayload({ version: 2, root: [next], targets: [targets], online });
    expect(kind(await submit('root', await signed(payload, [next])))).toEqual([202, 'pending']);
    expect(kind(await submit('root', await signed(payload, [root])))).toEqual([200, 'published']);
    expect((await asVehicle(first)).root.content.version).toBe(2);
  });

  test('takes what a delegated role has signed for its own paths, and a vehicle’s search finds it', async () => {
    await begun();
    const supplier = anOfflineKey();
    const delegations = [{ name: 'gateway-maker', paths: ['volkswagen/gateway/*'], keys: [supplier] }];
    const role = await signedTargets({ version: 1, targets: target(1) }, supplier);
    expect(kind(await submit('gateway-maker', role))).toEqual([404, 'role-not-delegated']);
    await submit('targets', await signedTargets({ version: 1, delegations }, targets));
    expect(kind(await submit('gateway-maker', await signedTargets({ version: 1 }, targets)))).toEqual([
      ...[422, 'metadata-unsigned'],
    ]);
    expect(kind(await submit('gateway-maker', role))).toEqual([200, 'published']);
    expect(api.releases.published.has('image/1.gateway-maker.json')).toBe(true);
    // Whoever takes a delegation away takes its targets away.
    const without = await signedTargets({ version: 2 }, targets);
    expect(kind(await submit('targets', without))).toEqual([409, 'target-disappears']);
    const refused = { kind: 'metadata-refused', repository: 'image', role: 'targets', reason: 'target-disappears' };
    expect(api.raised).toContainEqual(expect.objectContaining(refused));
    expect(kind(await submit('targets', without, { removes: ['gateway-maker'] }))).toEqual([200, 'published']);
    const snapshot = [...api.releases.published.entries()].filter(([name]) => name.endsWith('snapshot.json')).at(-1);
    expect(Object.keys(JSON.parse(snapshot?.[1] ?? '').signed.meta)).toContain('gateway-maker.json');
  });

  test('is signed again before it expires, and written again where somebody died over it', async () => {
    await begun();
    await submit('targets', await signedTargets({ version: 1 }, targets));
    const first = api.releases.published.get('image/1.root.json') ?? '';
    const { repositories } = api.releases.services;
    expect((await repositories.renew())?.online?.timestamp.meta.version).toBe(1);
    for (let days = 0; days < 40; days += 1) {
      api.time.now += 24 * 3_600_000;
      await repositories.renew();
      await asVehicle(first);
    }
    const state = await api.releases.records.load('image');
    if (state === undefined) throw new Error('nothing is published');
    await api.releases.records.save({ ...state, revision: state.revision + 1 }, state.revision);
    const all = new Map(api.releases.published);
    api.releases.published.clear();
    await repositories.renew();
    await asVehicle(first);
    for (const name of api.releases.published.keys()) expect(all.has(name)).toBe(true);
  });
});

describe('metadata are refused, and what is published stays as it is', () => {
  /** What the repository then says of itself, and every file of it. */
  const standing = async () => [(await api.call('GET', '/v1/repositories/image')).json, ...api.releases.published];
  const refused = async (role: string, text: string) => {
    const before = await standing();
    const answer = await submit(role, text);
    expect(await standing()).toEqual(before);
    return answer;
  };

  test('that nobody has signed, or somebody else, or over other content', async () => {
    await begun();
    const text = await signedTargets({ version: 1 }, targets);
    const { signed: content, signatures } = JSON.parse(text);
    for (const bad of [
      fileText({ signed: content, signatures: [] }),
      await signedTargets({ version: 1 }, anOfflineKey()),
      await signedTargets({ version: 1 }, root),
      fileText({ signed: { ...content, targets: target(1) }, signatures }),
      await signedTargets({ version: 1 }, targets, anOfflineKey()),
    ]) {
      expect(kind(await refused('targets', bad))).toEqual([422, 'metadata-unsigned']);
    }
    expect((await api.call('GET', '/v1/repositories/image')).json.published).toHaveLength(1);
  });

  test('that have expired, skip a version, repeat one, or are something else', async () => {
    await begun();
    const expired = await signedTargets({ version: 1, expiresAt: api.time.now - 1000 }, targets);
    expect(kind(await refused('targets', expired))).toEqual([422, 'metadata-expired']);
    expect(kind(await refused('targets', await signedTargets({ version: 2 }, targets)))).toEqual([
      409,
      'metadata-version-wrong',
    ]);
    await submit('targets', await signedTargets({ version: 1 }, targets));
    expect(kind(await submit('targets', await signedTargets({ version: 1 }, targets)))).toEqual([200, 'published']);
    const other = await signedTargets({ version: 1, targets: target(1) }, targets);
    expect(kind(await refused('targets', other))).toEqual([409, 'metadata-version-wrong']);
    for (const text of [
      '',
      '[]',
      '{"signed":{},"signatures":[]}',
      await signed(aDirectorRootPayload([root], await onlineKey()), [root]),
    ]) {
      expect(kind(await refused('targets', text))).toEqual([400, 'malformed-metadata']);
    }
  });

  test('that let a target disappear or mean other bytes, unless that is named', async () => {
    await begun();
    await submit('targets', await signedTargets({ version: 1, targets: { ...target(1), ...target(2) } }, targets));
    const name = 'volkswagen/gateway/1';
    for (const some of [target(2), { ...target(2), [name]: aTarget(9) }]) {
      const answer = await refused('targets', await signedTargets({ version: 2, targets: some }, targets));
      expect(kind(answer)).toEqual([409, 'target-disappears']);
      expect(answer.json.errors).toEqual([{ pointer: '/removes', detail: `does not name ${name}` }]);
    }
    const less = await signedTargets({ version: 2, targets: target(2) }, targets);
    expect(kind(await submit('targets', less, { removes: [name] }))).toEqual([200, 'published']);
  });

  test('that would vouch for a release that is not uploaded, or is withdrawn; what was published may stay', async () => {
    await begun();
    const ecuId = `ecu-${anOperationId()}`;
    const hardware = { brand: 'volkswagen', hardwareId: `${ecuId}-hw`, ecuId, slotBytes: 100 };
    await api.call('POST', '/v1/hardware', { body: hardware });
    const content = { brand: 'volkswagen', ...aReleaseOf([anImage(ecuId, 'image')]) };
    const { json } = await api.call('POST', '/v1/releases', { body: content });
    const { releaseId } = json;
    const step = (verb: string) => api.call('POST', `/v1/releases/${releaseId}/${verb}`);
    const at = (path: string) => ({
      [path]: { ...aTarget(1), custom: { ...aTarget(1).custom, releaseId } },
    });
    const one = await signedTargets({ version: 1, targets: at('one') }, targets);
    const draft = await submit('targets', one);
    expect(kind(draft)).toEqual([409, 'release-not-signable']);
    expect(draft.json.errors).toEqual([{ pointer: '/text/signed/targets', detail: `${releaseId} is a draft` }]);
    // Whoever may not sign does not hear how it stands with a release.
    const stranger = await signedTargets({ version: 1, targets: at('one') }, anOfflineKey());
    expect(kind(await submit('targets', stranger))).toEqual([422, 'metadata-unsigned']);
    expect((await api.call('GET', '/v1/repositories/image')).json).toMatchObject({ pending: [] });
    api.releases.files.set(json.paths[0], Buffer.from('image'));
    await step('complete-upload');
    expect(kind(await submit('targets', one))).toEqual([200, 'published']);
    await step('withdraw');
    const more = await signedTargets({ version: 2, targets: { ...at('one'), ...at('two') } }, targets);
    expect(kind(await submit('targets', more))).toEqual([409, 'release-not-signable']);
    const kept = await signedTargets({ version: 2, targets: { ...at('one'), ...target(2) } }, targets);
    expect(kind(await submit('targets', kept))).toEqual([200, 'published']);
  });

  test('of a Root with which the cloud could not go on, or anybody in the cloud could', async () => {
    const online = await onlineKey();
    const stranger = anOfflineKey();
    const good = aRootPayload({ root: [root], targets: [targets], online });
    const cloud = good.roles.snapshot;
    const bad = [
      aRootPayload({ root: [root], targets: [targets], online: stranger.publicKey }),
      { ...good, roles: { ...good.roles, targets: cloud } },
      { ...good, roles: { ...good.roles, timestamp: { ...cloud, threshold: 2 } } },
      { ...good, roles: { ...good.roles, targets: { ...good.roles.targets, threshold: 2 } } },
      { ...good, consistent_snapshot: false },
    ];
    for (const payload of bad)
      expect(kind(await refused('root', await signed(payload, [root])))).toEqual([422, 'root-unusable']);
  });

  test('of the Director, but for its Root', async () => {
    const text = await signed(aDirectorRootPayload([root], await onlineKey('director')), [root]);
    expect(kind(await submit('root', text, {}, 'director'))).toEqual([200, 'published']);
    const its = await signedTargets({ version: 1 }, targets);
    expect(kind(await submit('targets', its, {}, 'director'))).toEqual([422, 'role-not-offline']);
  });

  test('from a client that does not act for every brand, but for delegated roles', async () => {
    await begun();
    await api.letIn('partner', 'volkswagen');
    const text = await signedTargets({ version: 1 }, targets);
    const call = (role: string) =>
      api.call('POST', `/v1/repositories/image/metadata/${role}`, { body: { text }, client: 'partner' });
    expect(kind(await call('targets'))).toEqual([403, 'every-brand-needed']);
    expect(kind(await call('supplier'))).toEqual([404, 'role-not-delegated']);
  });
});

test('a release is signed once the published targets say of each image what it says', async () => {
  const image = anImage('gateway', 'image');
  await api.call('POST', '/v1/hardware', {
    body: { brand: 'volkswagen', hardwareId: 'gateway-hw', ecuId: 'gateway', slotBytes: 100 },
  });
  const { json } = await api.call('POST', '/v1/releases', { body: { brand: 'volkswagen', ...aReleaseOf([image]) } });
  const path: string = json.paths[0];
  api.releases.files.set(path, Buffer.from('image'));
  await api.call('POST', `/v1/releases/${json.releaseId}/complete-upload`);
  const confirm = () => api.call('POST', `/v1/releases/${json.releaseId}/confirm-signatures`);
  await begun();
  const its = (changes = {}) => ({
    [path]: {
      length: image.length,
      hashes: { sha256: image.sha256, sha512: image.sha512 },
      custom: {
        hardwareIds: image.hardwareIds,
        releaseCounter: 2,
        softwareVersion: '2.0.0',
        releaseId: json.releaseId,
        ...changes,
      },
    },
  });
  expect(kind(await confirm())).toEqual([409, 'images-not-signed']);
  await submit('targets', await signedTargets({ version: 1, targets: its({ releaseCounter: 3 }) }, targets));
  expect(kind(await confirm())).toEqual([409, 'images-not-signed']);
  await submit('targets', await signedTargets({ version: 2, targets: its() }, targets));
  expect(kind(await confirm())).toEqual([200, 'signed']);
});
