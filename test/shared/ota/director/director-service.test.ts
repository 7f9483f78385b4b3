import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { cryptography, signerOf } from '#device-sdk/ota/verification/cryptography.ts';
import type { Ask, GateAnswer } from '#shared/ota/director/director-ports.ts';
import type { DirectorRecord } from '#shared/ota/director/director-record.ts';
import { accepted, forgotten } from '#shared/ota/director/director-record.ts';
import { DirectorService } from '#shared/ota/director/director-service.ts';
import type { EcuImage } from '#shared/ota/releases/ecu-image.ts';
import { draftedRelease, type Release } from '#shared/ota/releases/release.ts';
import { utf8 } from '#shared/ota/uptane/canonical.ts';
import { readDirectorCustom } from '#shared/ota/uptane/custom-reader.ts';
import { refreshed } from '#shared/ota/uptane/repository-refresh.ts';
import { firstRoot } from '#shared/ota/uptane/root-walk.ts';
import { signed } from '#shared/ota/uptane/signing.ts';
import type { DirectorAnswer } from '#shared/vehicle-cloud/update-envelopes.ts';
import { aBrand, anOperationId, aVehicleId } from '../../../contract/samples.ts';
import { aDirectorRootPayload, anOfflineKey } from '../../../support/offline-keys.ts';
import { aCampaignId, ReportingVehicle } from '../../../support/reporting-vehicle.ts';
import { anImage, aReleaseOf } from '../../../support/sample-release.ts';

const online = signerOf(generateKeyPairSync('ed25519').privateKey);
const offline = anOfflineKey();
const now = Date.parse('2026-11-21T08:30:00Z');
const campaignId = aCampaignId(now);
const old = (hardwareId: string) => ({ hardwareId, releaseCounter: 1, softwareVersion: '1', content: 'old' });

let vehicle: ReportingVehicle;
let vehicleId: ReturnType<typeof aVehicleId>;
let record: DirectorRecord | undefined;
let release: Release;
let gate: GateAnswer;
let answers: DirectorAnswer[];
let service: DirectorService;

function released(images: readonly EcuImage[]): void {
  const operation = { operationId: anOperationId(), startedAt: now };
  release = {
    ...draftedRelease(aReleaseOf(images), aBrand(), 'author', operation),
    state: { status: 'approved', approvals: [] },
  };
  gate = { kind: 'released', releaseId: release.releaseId };
}

beforeEach(() => {
  vehicleId = aVehicleId();
  vehicle = new ReportingVehicle(vehicleId, { gateway: old('gateway-hw'), engine: old('engine-hw') });
  record = undefined;
  answers = [];
  released([anImage('gateway', 'gateway'), anImage('engine', 'engine')]);
  service = new DirectorService({
    records: {
      load: async () => record,
      async save(next, seen) {
        if (record?.version !== seen) return false;
        record = next;
        return true;
      },
    },
    gate: { ask: async () => gate },
    releases: { load: async () => release },
    roots: { after: async () => [] },
    grants: {
      open: async (folder, below = '') => ({ baseUrl: `https://cdn/${folder}`, query: below, expiresAt: now }),
    },
    key: async () => ({ publicKey: online.publicKey, signer: online }),
    channel: { send: async (_, answer) => void answers.push(answer) },
    ...{ cryptography, clock: { now: () => now } },
  });
});

async function asked(more: Partial<Ask> = {}) {
  const ask = await vehicle.ask(campaignId, more);
  const outcome = await service.ask(vehicleId, ask);
  return { ask, outcome, answer: answers.at(-1) };
}

/** What the vehicle finds in an answer, verified. */
async function verified(answer: DirectorAnswer | undefined) {
  if (answer?.kind !== 'metadata') throw new Error(JSON.stringify(answer));
  const { timestamp, snapshot, targets } = answer.director;
  const source = {
    read: async (name: string) => utf8(/timestamp/.test(name) ? timestamp : /snapshot/.test(name) ? snapshot : targets),
  };
  const root = firstRoot(await signed(aDirectorRootPayload([offline], online.publicKey), [offline]), cryptography);
  const fresh = await refreshed({ root, delegated: new Map() }, { source, now, cryptography });
  return {
    version: fresh.timestamp.content.version,
    issuedAt: fresh.timestamp.content.issuedAt,
    ecus: [...fresh.targets.content.targets.values()].flatMap(({ custom }) => readDirectorCustom(custom).ecus),
    custom: fresh.targets.content.custom,
  };
}

describe('a vehicle that asks', () => {
  test('gets metadata made for its own control units, which it can verify, issued now', async () => {
    const { answer } = await asked();
    const { ecus, issuedAt, custom } = await verified(answer);
    expect(ecus.map(({ ecuId, hardwareId }) => [ecuId, hardwareId])).toEqual([
      ['gateway', 'gateway-hw'],
      ['engine', 'engine-hw'],
    ]);
    expect(issuedAt).toBe(now);
    expect(custom).toMatchObject({ campaignId, releaseId: release.releaseId, softwareVersion: '5.0.0' });
    expect(answer).toMatchObject({ images: { baseUrl: 'https://cdn/images/', query: 'volkswagen/' } });
  });

  test('is asked and answered within one message, also with 130 control units', async () => {
    const names = Array.from({ length: 130 }, (_, index) => `control-unit-${index}`);
    vehicle = new ReportingVehicle(vehicleId, Object.fromEntries(names.map((name) => [name, old(`${name}-hw`)])));
    released(names.map((name) => anImage(name, name)));
    const { ask, answer } = await asked();
    expect((await verified(answer)).ecus).toHaveLength(130);
    // AWS IoT Core, "Message broker limits": 128 KB a message.
    for (const message of [ask, answer]) expect(JSON.stringify(message).length).toBeLessThan(128 * 1024);
  });

  test('is told so where no message takes what its control units are to install', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `control-unit-${index}`);
    vehicle = new ReportingVehicle(vehicleId, Object.fromEntries(names.map((name) => [name, old(`${name}-hw`)])));
    released(names.map((name) => anImage(name, name)));
    const { outcome, answer } = await asked();
    expect([outcome.answer, answer]).toMatchObject(['incompatible', { kind: 'refused', reason: 'incompatible' }]);
    expect(JSON.stringify(answer)).toContain('a message takes 128');
  });

  test('gets rising versions, also where one question comes twice', async () => {
    const first = await asked();
    await service.ask(vehicleId, first.ask);
    const second = await asked();
    const versions = await Promise.all([answers[0], answers[1], second.answer].map(verified));
    expect(versions.map(({ version }) => version)).toEqual([1, 2, 3]);
  });

  test('is not told to install what runs already, and gets a delta where it has the base of one', async () => {
    const delta = { fromSha256: anImage('engine', 'old').sha256, length: 3, sha256: 'd'.repeat(64) };
    released([anImage('gateway', 'gateway'), anImage('engine', 'engine', { deltas: [delta] })]);
    vehicle.ecus.set('gateway', { ...old('gateway-hw'), releaseCounter: 2, content: 'gateway' });
    const { ecus } = await verified((await asked()).answer);
    expect(ecus).toMatchObject([
      { ecuId: 'engine', delta: { ...delta, path: expect.stringMatching(/^volkswagen\/engine\/d+\.vcdiff$/) } },
    ]);
  });
});

describe('a vehicle is refused', () => {
  const refusal = async (more: Partial<Ask> = {}) => (await asked(more)).outcome.answer;

  test('what its campaign has not released, or withholds, with the time at which to ask again', async () => {
    gate = { kind: 'refused', reason: 'stopped', detail: 'the campaign is stopped', retryAt: now + 1 };
    expect((await asked()).answer).toMatchObject({ kind: 'refused', reason: 'stopped', retryAt: now + 1 });
    released([anImage('gateway', 'gateway')]);
    release = { ...release, state: { status: 'withdrawn', approvals: [] } };
    expect(await refusal()).toBe('not-released');
  });

  test('an old manifest, one for another question, and one of another vehicle', async () => {
    const { ask } = await asked();
    expect(await refusal({ manifest: ask.manifest })).toBe('stale-manifest');
    await asked();
    await service.ask(vehicleId, ask);
    expect(answers.at(-1)).toMatchObject({ reason: 'stale-manifest' });
    const other = new ReportingVehicle(aVehicleId(), { gateway: old('gateway-hw') });
    expect(await refusal({ manifest: await other.manifest('q'), requestId: 'q' })).toBe('wrong-vehicle');
    expect(await refusal({ manifest: 'nonsense' })).toBe('malformed-manifest');
  });

  test('a report that its control unit has not signed', async () => {
    const manifest = JSON.parse(JSON.stringify(await vehicle.manifest('q')));
    manifest.signed.ecu_version_manifests.engine.signed.release_counter = 9;
    expect(await refusal({ manifest, requestId: 'q' })).toBe('wrong-signature');
  });

  test('hardware that the release is not for, a falling counter, a requirement that is not met, nothing to do', async () => {
    vehicle.ecus.set('engine', old('another-engine'));
    expect(await refusal()).toBe('wrong-hardware');
    record = undefined;
    vehicle.ecus.set('engine', { ...old('engine-hw'), releaseCounter: 3 });
    expect(await refusal()).toBe('release-counter-falls');
    vehicle.ecus.set('engine', old('engine-hw'));
    released([anImage('gateway', 'gateway', { requires: [{ ecuId: 'engine', releaseCounter: 2 }] })]);
    expect(await refusal()).toBe('dependency-unmet');
    released([anImage('gateway', 'old', { releaseCounter: 1 }), anImage('sunroof', 'new')]);
    expect(await refusal()).toBe('nothing-to-install');
  });

  test('where a stranger sits in its place, until an operator accepts it', async () => {
    await asked();
    vehicle.swap('engine');
    expect(await refusal()).toBe('unknown-ecu');
    expect(Object.keys(record?.unknown ?? {})).toEqual(['engine']);
    // Whoever came before does not count any more.
    vehicle.swap('engine');
    expect(await refusal()).toBe('unknown-ecu');
    record = record && accepted(record, 'engine');
    expect(await refusal()).toBe('metadata');
    expect(record?.unknown).toEqual({});
  });

  test('where a control unit was added or has other hardware, and where one is gone', async () => {
    await asked();
    vehicle.ecus.set('sunroof', old('sunroof-hw'));
    expect(await refusal()).toBe('unknown-ecu');
    vehicle.ecus.delete('sunroof');
    vehicle.ecus.set('engine', old('other-hw'));
    expect(await refusal()).toBe('unknown-ecu');
    vehicle.ecus.delete('engine');
    expect(await refusal()).toBe('missing-ecu');
    record = record && forgotten(record, 'engine');
    expect(await refusal()).toBe('metadata');
  });
});
