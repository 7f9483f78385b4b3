import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { EcuReporter, type Installed, vehicleManifest } from '#device-sdk/ota/verification/ecu-reporter.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { type SignedManifest, signedManifest, signedReport } from '#shared/ota/uptane/manifest.ts';
import { checkedManifest, type KnownReporter, type ManifestVerdict } from '#shared/ota/uptane/manifest-check.ts';
import { type Place, places, replaced } from '../../../support/json-places.ts';
import { now } from '../../../support/uptane-repositories.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'reports-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const installed = (ecuId: string): Installed => ({
  ...{ ecuId, hardwareId: 'GW-2', softwareVersion: '3.0', releaseCounter: 3 },
  image: { filepath: `${ecuId}/3.bin`, fileinfo: { length: 9, hashes: { sha256: 'ab'.repeat(32) } } },
});

async function manifest(nonce: string): Promise<SignedManifest> {
  const storage = openStorage(directory);
  const [primary, engine] = [new EcuReporter(storage, 'gateway'), new EcuReporter(storage, 'engine')];
  const question = { nonce, time: now };
  const reports = [
    await primary.report(installed('gateway'), { ...question, attack: 'freeze' }),
    await engine.report(installed('engine'), question),
  ];
  return vehicleManifest({ vehicleId: 'v-1', requestId: nonce, directorRootVersion: 4, primary, reports });
}

function judged(
  value: unknown,
  known: ReadonlyMap<string, KnownReporter> = new Map(),
  nonce = 'req-1',
): ManifestVerdict {
  return checkedManifest(value, { vehicleId: 'v-1', nonce, known, cryptography });
}

function remembered(verdict: ManifestVerdict): Map<string, KnownReporter> {
  if (verdict.kind === 'refused') throw new Error(verdict.detail);
  return new Map(verdict.reports.map((it) => [it.ecu_serial, { key: it.ecu_key, counter: it.report_counter }]));
}

test('the Director reads who is on board, what runs there, and which attack was refused', async () => {
  expect(judged(await manifest('req-1'))).toMatchObject({
    kind: 'verified',
    primaryEcuId: 'gateway',
    directorRootVersion: 4,
    reports: [
      { ecu_serial: 'gateway', report_counter: 1, release_counter: 3, hardware_id: 'GW-2' },
      { ecu_serial: 'engine', report_counter: 1, attacks_detected: '' },
    ],
    attacks: [{ ecuId: 'gateway', attack: 'freeze' }],
  });
});

test('a control unit keeps its key and counts on over a restart', async () => {
  const known = remembered(judged(await manifest('req-1')));

  expect(judged(await manifest('req-2'), known, 'req-2')).toMatchObject({
    kind: 'verified',
    reports: [{ report_counter: 2 }, { report_counter: 2 }],
  });
});

test('a manifest that was seen, that answers another question or that another car made, is refused', async () => {
  const first = await manifest('req-1');
  const known = remembered(judged(first));

  expect(judged(first, known)).toMatchObject({ reason: 'stale-manifest' });
  expect(judged(first, new Map(), 'req-2')).toMatchObject({ reason: 'stale-manifest' });
  expect(checkedManifest(first, { vehicleId: 'v-2', nonce: 'req-1', known, cryptography })).toMatchObject({
    reason: 'wrong-vehicle',
  });
});

test('reports of another question, or under another manifest’s number, are refused', async () => {
  const storage = openStorage(directory);
  const primary = new EcuReporter(storage, 'gateway');
  const parts = { vehicleId: 'v-1', directorRootVersion: 1, primary };
  const reports = [await primary.report(installed('gateway'), { nonce: 'req-1', time: now })];

  expect(judged(await vehicleManifest({ ...parts, reports, requestId: 'req-2' }), new Map(), 'req-2')).toMatchObject({
    reason: 'stale-manifest',
  });
  expect(judged(await vehicleManifest({ ...parts, reports, requestId: 'req-2' }), new Map(), 'req-1')).toMatchObject({
    reason: 'stale-manifest',
  });
});

test('a Primary does not pass its office on to another key', async () => {
  const known = remembered(judged(await manifest('req-1')));
  const storage = openStorage(directory);
  const [gateway, stranger] = [new EcuReporter(storage, 'gateway'), new EcuReporter(storage, 'stranger')];
  const honest = await gateway.report(installed('gateway'), { nonce: 'req-2', time: now });
  const report = await signedReport({ ...honest.signed, ecu_key: stranger.signer.publicKey }, gateway.signer);
  const claimed = await signedManifest(
    {
      ...{ vehicle_id: 'v-1', primary_ecu_serial: 'gateway', nonce: 'req-2', director_root_version: 1 },
      ecu_version_manifests: { gateway: report },
    },
    stranger.signer,
  );

  expect(judged(claimed, known, 'req-2')).toMatchObject({ reason: 'wrong-signature' });
});

test('another control unit under a known name is noticed by its key', async () => {
  const known = remembered(judged(await manifest('req-1')));
  rmSync(join(directory, 'uptane-key-engine.json'));

  expect(judged(await manifest('req-2'), known, 'req-2')).toMatchObject({
    reason: 'wrong-signature',
    detail: 'engine has not signed its report with its key',
  });
});

test('whatever is changed in a manifest on its way, it is refused or says the same', async () => {
  const honest = await manifest('req-1');
  const known = remembered(judged(honest));
  const fresh = await manifest('req-2');
  const before = judged(fresh, known, 'req-2');
  const anywhere: readonly Place[] = places(fresh);

  fc.assert(
    fc.property(fc.constantFrom(...anywhere), fc.jsonValue(), (place, value) => {
      const verdict = judged(replaced(fresh, place, value), known, 'req-2');
      if (verdict.kind === 'verified') expect(verdict).toEqual(before);
    }),
    { numRuns: 300 },
  );
});
