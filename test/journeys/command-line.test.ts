import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repository } from '#local/assembly.ts';
import { writeCloudFile } from '#local/cloud-file.ts';
import { at } from '#local/tour/telling.ts';
import { fleetloomAt, fleetloomFile } from '../support/command-line.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { approvedRelease, UpdatedCar } from '../support/updated-car.ts';

let home: JourneyCloud;
let desk: string;

beforeAll(async () => {
  home = await openCloud();
  desk = mkdtempSync(join(tmpdir(), 'fleetloom-desk-'));
  writeCloudFile(desk, home.cloud.file);
  cpSync(join(repository, 'docs/examples/release'), desk, { recursive: true });
}, startTimeout);
afterAll(async () => {
  rmSync(desk, { recursive: true, force: true });
  await home.close();
});

/** `npx fleetloom …` at the desk of a release manager. */
const fleetloom = (...words: readonly string[]) => fleetloomAt(desk, words);

/** What it tells programs. */
async function told(...words: readonly string[]) {
  const { out, err, code } = await fleetloom('--json', ...words);
  return { code, ...JSON.parse(code === 0 || code === 4 ? out : err) };
}

describe('the example of the documentation', () => {
  let releaseId: string;

  test('is described, once there are keys, repositories and the hardware', async () => {
    const made = await Promise.all(['root.pem', 'one.pem', 'two.pem'].map((key) => told('keys', 'create', key)));
    expect(made.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(statSync(join(desk, 'root.pem')).mode & 0o777).toBe(0o600);
    const unknown = await told('release', 'create', 'release.json');
    expect([unknown.code, unknown.problem.type]).toEqual([3, '/docs#problem-unknown-hardware']);
    const hardware = ['--brand', 'volkswagen', '--slot-bytes', '1000000', '--ecu'];
    await Promise.all([
      told('hardware', 'add', 'ID.3-gw-2', ...hardware, 'gateway'),
      told('hardware', 'add', 'ID.3-ivi-3', ...hardware, 'infotainment'),
    ]);
    const draft = await told('release', 'create', 'release.json');
    expect(draft).toMatchObject({ code: 0, status: 'draft', softwareVersion: '5.0.0' });
    releaseId = draft.releaseId;
    const keys = ['--root-key', 'root.pem', 'one.pem', '--targets-key', 'one.pem', 'two.pem', '--threshold', '2'];
    const created = await told('repository', 'create', ...keys);
    expect(created).toMatchObject({ code: 0, image: { status: 'published' }, director: { status: 'published' } });
    const roots = JSON.parse(readFileSync(join(desk, 'uptane-roots.json'), 'utf8'));
    expect(Object.keys(roots)).toEqual(['director', 'images']);
  });

  test('is uploaded, each file once', async () => {
    const { out, err, code } = await fleetloom('release', 'upload', releaseId, 'release.json');
    expect([code, out]).toEqual([0, `2 files uploaded\n${releaseId}: volkswagen 5.0.0, uploaded\n`]);
    expect(err).toMatch(/volkswagen\/gateway\/[0-9a-f]{64}: 40 B/);
    const again = await fleetloom('release', 'upload', releaseId, 'release.json');
    expect([again.code, again.out]).toEqual([
      0,
      `All its files are there.\n${releaseId}: volkswagen 5.0.0, uploaded\n`,
    ]);
  });

  test('is signed by two, wherever they are, and neither signs what he does not understand', async () => {
    const one = await told('release', 'sign', releaseId, '--key', 'one.pem');
    expect(one).toMatchObject({
      code: 0,
      status: 'uploaded',
      metadata: { status: 'pending', pending: { missing: 1 } },
    });
    const other = { ...JSON.parse(readFileSync(join(desk, 'release.json'), 'utf8')) };
    other.images = [{ ...other.images[0], requires: [], softwareVersion: '5.0.1', releaseCounter: 6 }];
    writeFileSync(join(desk, 'other.json'), JSON.stringify(other));
    const others = await told('release', 'create', 'other.json');
    const early = await told('release', 'sign', others.releaseId, '--key', 'two.pem');
    expect(early).toMatchObject({ code: 3, error: expect.stringContaining('not all uploaded yet') });
    await told('release', 'upload', others.releaseId, 'other.json');
    const unlike = await told('release', 'sign', others.releaseId, '--key', 'two.pem');
    expect(unlike).toMatchObject({ code: 3, error: expect.stringContaining('says more than this') });
    const stranger = await told('release', 'sign', releaseId, '--key', 'root.pem');
    expect([stranger.code, stranger.problem.type]).toEqual([3, '/docs#problem-metadata-unsigned']);
    const two = await told('release', 'sign', releaseId, '--key', 'two.pem');
    expect(two).toMatchObject({ code: 0, status: 'signed', metadata: { status: 'published', version: 1 } });
    const [wrong, again] = await Promise.all([
      told('release', 'sign', releaseId, '--key', 'root.pem'),
      fleetloom('release', 'sign', releaseId, '--key', 'one.pem'),
    ]);
    expect(wrong).toMatchObject({ code: 3, error: expect.stringContaining('May not sign targets') });
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('already; this key added nothing') });
  });

  test('is approved by two others', async () => {
    expect(await told('release', 'approve', releaseId)).toMatchObject({ code: 3, status: 403 });
    expect(await told('--as', 'quality', 'release', 'approve', releaseId)).toMatchObject({
      code: 0,
      approvalsMissing: 1,
    });
    expect(await told('--as', 'safety', 'release', 'approve', releaseId)).toMatchObject({
      code: 0,
      status: 'approved',
    });
    expect((await told('release', 'list')).items).toContainEqual(
      expect.objectContaining({ releaseId, status: 'approved' }),
    );
  });
});

describe('a campaign', () => {
  const vin = 'WVWZZZAUZLW000901';
  let campaignId: string;
  let releaseId: string;
  let car: UpdatedCar;

  test('is planned: the car that it is for is counted, and what will happen is said', async () => {
    car = await UpdatedCar.online(home, vin);
    ({ releaseId } = await approvedRelease(home.cloud));
    const plan = ['campaign', 'plan', '--release', releaseId, '--name', 'From a desk', '--vehicle'];
    const [{ code, out, err }, nobody, wrong] = await Promise.all([
      fleetloom(...plan, vin, '--rate', '600', '--abort', '20:10'),
      told(...plan, vin, '--market', 'FR'),
      told(...plan, 'somewhere'),
    ]);
    expect([code, err]).toEqual([0, expect.stringContaining('is being counted')]);
    expect(out).toMatch(/It would reach 1 vehicle; \d+ (was|were) looked at/);
    expect(out).toContain('1. offers 5.0.0 to 1 vehicle, 600 a minute');
    expect(out).toContain('stops by itself when 20 % of at least 10 vehicles failed');
    campaignId = /cmp-\w+/.exec(out)?.[0] ?? '';
    expect(out).toContain(`--as quality campaign approve ${campaignId}`);
    expect(nobody).toMatchObject({ code: 4, status: 'draft', estimate: { vehicles: 0 } });
    expect(wrong).toMatchObject({ code: 2, error: expect.stringContaining('neither') });
  });

  test('is started once two others have approved it', async () => {
    const [own, early, scope] = await Promise.all([
      told('campaign', 'approve', campaignId),
      told('campaign', 'start', campaignId),
      told('--as', 'quality', 'campaign', 'start', campaignId),
    ]);
    expect([own.code, own.problem.type]).toEqual([3, '/docs#problem-own-campaign']);
    expect([early.code, early.problem.type]).toEqual([3, '/docs#problem-campaign-not-approved']);
    expect([scope.code, scope.error]).toEqual([3, expect.stringContaining('asked as quality')]);
    await Promise.all(['quality', 'safety'].map((name) => told('--as', name, 'campaign', 'approve', campaignId)));
    expect(await told('campaign', 'start', campaignId)).toMatchObject({ code: 0, status: 'running' });
    const again = await fleetloom('campaign', 'plan', '--release', releaseId, '--name', 'Again', '--vehicle', vin);
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining(`collides with ${campaignId}`) });
  });

  test('is watched by a line a change until it is over; an abort says which way, and that it is meant', async () => {
    const watching = fleetloom('campaign', 'watch', campaignId, '--every', '1');
    await car.hears('/ota/update/delta', (delta) => at(delta, 'state', 'offer', 'campaignId') === campaignId);
    const [shown, which, really] = await Promise.all([
      told('vehicle', 'updates', vin),
      told('campaign', 'abort', campaignId),
      told('campaign', 'abort', campaignId, '--stop'),
    ]);
    expect(shown).toMatchObject({ vehicleId: car.vehicleId, updates: [{ campaignId, status: 'offered' }] });
    expect([which.code, which.error]).toEqual([2, expect.stringContaining('--cancel')]);
    expect([really.code, really.error]).toEqual([2, expect.stringContaining('--yes')]);
    expect((await told('campaign', 'abort', campaignId, '--stop', '--yes')).status).toBe('stopped');
    expect((await told('campaign', 'abort', campaignId, '--cancel', '--yes')).status).toBe('cancelled');
    const { out, code } = await watching;
    const lines = out.trim().split('\n');
    expect([code, JSON.parse(lines.at(-1) ?? '').status]).toEqual([4, 'cancelled']);
    expect(lines.some((line) => JSON.parse(line).total.offered === 1)).toBe(true);
  });
});

describe('a city', () => {
  test('is set up from its file, a second time changes nothing, and what changes is said before', async () => {
    cpSync(join(repository, 'docs/examples/berlin.json'), join(desk, 'berlin.json'));
    const [sound, unasked] = await Promise.all([
      fleetloom('city', 'check', 'berlin.json'),
      fleetloom('city', 'apply', 'berlin.json'),
    ]);
    expect([sound.code, sound.out]).toEqual([0, expect.stringContaining('we-share-berlin of we-share can be set up')]);
    expect([unasked.code, unasked.err]).toEqual([2, expect.stringContaining('Say --yes')]);
    expect((await told('city', 'show', 'berlin.json')).code).toBe(3);
    const applied = await told('city', 'apply', 'berlin.json', '--yes');
    expect([applied.code, applied.changes?.length]).toEqual([0, 9]);
    expect(await told('city', 'apply', 'berlin.json', '--yes')).toMatchObject({ code: 0, changes: [] });
    const { code: _, ...shown } = await told('city', 'show', 'we-share-berlin');
    writeFileSync(
      join(desk, 'shown.json'),
      JSON.stringify({ ...shown, plans: [{ ...shown.plans[0], perMinute: 31 }] }),
    );
    const wrong = await told('city', 'check', 'shown.json');
    expect([wrong.code, wrong.errors[0]]).toMatchObject([2, { pointer: '/system/vehicleTypes/1/planId' }]);
    shown.plans[0].perMinute = 31;
    writeFileSync(join(desk, 'shown.json'), JSON.stringify(shown));
    const dearer = await fleetloom('city', 'apply', 'shown.json', '--yes');
    expect([dearer.code, dearer.out]).toEqual([0, expect.stringContaining('perMinute: 29 → 31')]);
    const quality = await told('--as', 'quality', 'city', 'show', 'we-share-berlin');
    expect([quality.code, quality.status]).toEqual([3, 403]);
  });
});

describe('the keys', () => {
  test('are changed with the consent of those before them, renewed, and handed on for some images', async () => {
    const made = await Promise.all(['next.pem', 'supplier.pem'].map((key) => told('keys', 'create', key)));
    writeFileSync(join(desk, 'supplier.json'), JSON.stringify(made[1]));
    const rotate = ['repository', 'rotate', '--root-key', 'next.pem', '--targets-key', 'next.pem', '--key'];
    expect(await told(...rotate, 'next.pem')).toMatchObject({ status: 'pending', pending: { version: 2, missing: 2 } });
    const bothOld = await told(...rotate, 'root.pem', 'one.pem');
    expect(bothOld).toMatchObject({ code: 0, status: 'published', version: 2 });
    const former = await told('repository', 'renew', '--key', 'one.pem');
    expect([former.code, former.problem.type]).toEqual([3, '/docs#problem-metadata-unsigned']);
    expect(await told('repository', 'renew', '--key', 'next.pem')).toMatchObject({ status: 'published', version: 2 });
    const paths = ['--path', 'volkswagen/gateway/*', '--public-key', 'supplier.json', '--key', 'next.pem'];
    expect(await told('repository', 'delegate', 'supplier', ...paths)).toMatchObject({
      status: 'published',
      version: 3,
    });
    const { published } = await told('repository', 'show');
    expect(published.map(({ role, version }: { role: string; version: number }) => [role, version])).toEqual([
      ...[
        ['root', 2],
        ['targets', 3],
      ],
      ...[
        ['snapshot', 4],
        ['timestamp', 4],
      ],
    ]);
  });
});

describe('a wrong command', () => {
  test('ends with 2 and says what is wrong, and changes nothing', async () => {
    const before = readFileSync(join(desk, 'root.pem'), 'utf8');
    expect(await told('keys', 'create', 'root.pem')).toMatchObject({
      code: 2,
      error: expect.stringContaining('never overwritten'),
    });
    expect(readFileSync(join(desk, 'root.pem'), 'utf8')).toBe(before);
    expect(await told('keys', 'create', 'nowhere/root.pem')).toMatchObject({
      code: 2,
      error: expect.stringContaining('There is no folder nowhere'),
    });
    chmodSync(join(desk, 'root.pem'), 0o644);
    expect(await told('keys', 'show', 'root.pem')).toMatchObject({
      code: 2,
      error: expect.stringContaining('chmod 600'),
    });
    writeFileSync(join(desk, 'broken.json'), '{"brand":"volkswagen","images":[{"ecuId":"gateway"}]}');
    expect(await told('release', 'create', 'broken.json')).toMatchObject({
      code: 2,
      error: expect.stringContaining('file'),
    });
    expect((await fleetloomAt(desk, ['release', 'fly'], fleetloomFile)).code).toBe(2);
    expect(existsSync(join(desk, 'fly'))).toBe(false);
  });

  test('ends with 1 where no cloud answers', async () => {
    const { code, error } = await told('--state', join(desk, 'nowhere'), 'release', 'list');
    expect([code, error]).toEqual([1, expect.stringContaining('npm start')]);
  });
});
