import { createHash, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { cryptography, signerOf } from '#device-sdk/ota/verification/cryptography.ts';
import { isPersonId } from '#shared/access/person.ts';
import { EvidenceService } from '#shared/ota/evidence/evidence-service.ts';
import { evidenceNames } from '#shared/ota/evidence/evidence-store.ts';
import { endedUpdate } from '#shared/ota/evidence/update-record.ts';
import { draftedRelease, isReleaseId, type Release } from '#shared/ota/releases/release.ts';
import { cancelled, concluded, type Result, removed } from '#shared/ota/updates/course.ts';
import { decided } from '#shared/ota/updates/decision.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import { signaturesOver } from '#shared/ota/uptane/signing.ts';
import type { EcuConfiguration, UpdateStatement } from '#shared/vehicle-cloud/update-envelopes.ts';
import { aBrand, anOperationId, aPersonId } from '../../../contract/samples.ts';
import { MemoryEvidence } from '../../../support/memory-evidence.ts';
import { anImage, aReleaseOf } from '../../../support/sample-release.ts';
import { anOffered, aRunningCampaign, now, policy } from '../updates/updates.ts';

const signer = signerOf(generateKeyPairSync('ed25519').privateKey);
const release: Release = {
  ...draftedRelease(aReleaseOf([anImage('gateway', 'new')]), aBrand(), 'author', {
    ...{ operationId: anOperationId(), startedAt: now },
  }),
  state: {
    status: 'approved',
    approvals: [
      { by: 'quality', at: now },
      { by: 'safety', at: now },
    ],
  },
};
const old: EcuConfiguration = {
  ...{ ecuId: 'gateway', hardwareId: 'gateway-hw', serialNumber: 's-1', softwareVersion: '1.0.0', releaseCounter: 1 },
  sha256: 'a'.repeat(64),
};
const fresh = { ...old, softwareVersion: '2.0.0', releaseCounter: 2, sha256: release.images[0]?.sha256 ?? '' };
const rxswins = { 'UN R100': 'R100 A12' };

/** The driver accepts; the owner is known. */
function accepted(): Update {
  const personId = aPersonId();
  const update = anOffered({ releaseId: release.releaseId });
  const window = { kind: 'accept' as const, from: now, to: now + 3_600_000 };
  return decided(update, [], { decision: window, revision: update.revision, by: { by: 'driver', personId } }, now);
}

function statementOf({ vehicleId, campaignId }: Update, changes: Partial<UpdateStatement> = {}): UpdateStatement {
  return {
    ...{ vehicleId, campaignId, attempt: 1, outcome: 'installed' },
    before: { softwareVersion: '4.0.0', rxswins, ecus: [old] },
    after: { softwareVersion: '5.0.0', rxswins, ecus: [fresh] },
    shown: { language: 'en', text: 'The update is done.' },
    ...changes,
  };
}

async function reported(update: Update, changes: Partial<UpdateStatement> = {}, by = signer) {
  const statement = statementOf(update, changes);
  const runs = { ecuId: 'gateway', hardwareId: 'gateway-hw', softwareVersion: '2.0.0', releaseCounter: 2 };
  const result: Result & { campaignId: Update['campaignId'] } = {
    ...{ kind: 'result', campaignId: update.campaignId, attempt: 1, sequence: 3, safety: 'safe', at: now },
    ...{ outcome: 'installed', softwareVersion: '5.0.0', ecus: [runs] },
    statement: { signed: statement, signatures: await signaturesOver(statement, [by]) },
  };
  return { result, after: concluded(update, result, policy, now) };
}

function aDesk() {
  const store = new MemoryEvidence();
  const key = { key: signer.publicKey, hardwareId: 'gateway-hw', reportCounter: 1 };
  const service = new EvidenceService({
    ...{ store, cryptography },
    releases: { load: async (id) => (isReleaseId(id) ? release : undefined) },
    campaigns: { load: async () => aRunningCampaign({ name: 'One' }) },
    inventories: { load: async () => undefined },
    directorRecords: {
      load: async (vehicleId) => {
        return { vehicleId, ecus: { gateway: key }, unknown: {}, requestId: '', metadataVersion: 1, version: 1 };
      },
    },
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  });
  const record = ({ campaignId, vehicleId, version }: Update) =>
    JSON.parse(store.documents.get(evidenceNames.record(campaignId, vehicleId, version)) ?? 'null');
  return { store, service, record };
}

function end(before: Update, after: Update) {
  return endedUpdate(before, after) ?? expect.fail('it has not ended');
}

test('an end that is told twice, and behind another one, is put down once, as it was first', async () => {
  const { store, service } = aDesk();
  const before = accepted();
  const { result, after } = await reported(before);
  expect(await service.stated(before.vehicleId, result)).toBe(true);
  expect(await service.ended(end(before, after))).toBe(true);
  const first = [...store.documents];
  expect(await service.stated(before.vehicleId, { ...result, sequence: 9 })).toBe(false);
  expect(await service.ended(end(before, after))).toBe(false);
  expect([...store.documents]).toEqual(first);
});

test('a record says by itself what was approved, consented to, checked, installed and shown', async () => {
  const { service, record } = aDesk();
  const before = accepted();
  const { result, after } = await reported(before);
  await service.stated(before.vehicleId, result);
  await service.ended(end(before, after));
  expect(record(after)).toMatchObject({
    ...{ result: { status: 'installed' }, compatibility: { outcome: 'compatible' } },
    release: {
      approvals: [{ by: 'quality' }, { by: 'safety' }],
      approvalRecord: { validation: 'Test report CH-2214' },
    },
    offer: { texts: release.texts, textsSha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    consent: { by: 'driver', at: '2026-11-22T08:00:00.000Z' },
    ecus: [{ ecuId: 'gateway', result: 'installed', before: { sha256: old.sha256 }, after: { sha256: fresh.sha256 } }],
    rxswins: [{ regulation: 'UN R100', vehicle: { before: 'R100 A12', after: 'R100 A12' }, agrees: true }],
    ...{ resultShown: { language: 'en' }, statement: { signature: 'verified' } },
    story: [{ what: 'offered' }, { what: 'accepted', by: 'driver' }, { what: 'installed' }],
  });
});

test('no record names a person', async () => {
  const { store, service } = aDesk();
  const before = accepted();
  const personId = before.state.status === 'accepted' ? (before.state.consent.personId ?? '') : '';
  expect(isPersonId(personId)).toBe(true);
  const { result, after } = await reported(before);
  await service.stated(before.vehicleId, result);
  const ended = end(before, after);
  await service.ended(ended);
  expect(JSON.stringify(ended)).not.toContain(personId);
  for (const document of store.documents.values()) expect(document).not.toContain(personId);
});

test('the end waits for what the vehicle has stated, and only where the vehicle has reported it', async () => {
  const { service, record } = aDesk();
  const before = accepted();
  const { after } = await reported(before);
  await expect(service.ended(end(before, after))).rejects.toMatchObject({ name: 'StatementOnItsWay' });
  const off = cancelled(before, 'operator', now);
  expect(await service.ended(end(before, off))).toBe(true);
  expect(record(off)).toMatchObject({ result: { status: 'cancelled' }, statement: null });
});

test('a statement that another key has signed, or of another attempt, is not taken for the vehicle’s', async () => {
  const stranger = signerOf(generateKeyPairSync('ed25519').privateKey);
  const before = accepted();
  for (const [changes, by, found] of [
    [{}, stranger, { signature: 'unverified' }],
    [{ attempt: 2 }, signer, null],
    [{ vehicleId: 'veh-another' }, signer, null],
  ] as const) {
    const { service, record } = aDesk();
    const { result, after } = await reported(before, changes, by);
    await service.stated(before.vehicleId, result);
    await service.ended(end(before, after));
    expect(record(after).statement).toEqual(found === null ? null : expect.objectContaining(found));
  }
});

test('a vehicle with another RXSWIN than the release was approved for is put down as what it is: incompatible', async () => {
  const { service, record } = aDesk();
  const before = accepted();
  const other = { 'UN R100': 'R100 Z9' };
  const changes = { before: { softwareVersion: '4.0.0', rxswins: other, ecus: [old] } };
  const { result, after } = await reported(before, changes);
  await service.stated(before.vehicleId, result);
  await service.ended(end(before, after));
  expect(record(after).compatibility).toMatchObject({ outcome: 'incompatible', reason: 'rxswin-differs' });
});

test('what nobody had consented to, and what has not ended, leaves no record', () => {
  const waiting = anOffered();
  expect(endedUpdate(waiting, removed(waiting, 'not-needed', now))).toBeUndefined();
  const before = accepted();
  expect(endedUpdate(waiting, before)).toBeUndefined();
  expect(endedUpdate(before, removed(before, 'not-needed', now))?.consent).toMatchObject({ by: 'driver' });
});
