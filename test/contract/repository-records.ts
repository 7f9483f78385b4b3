import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { signerOf } from '#device-sdk/ota/verification/cryptography.ts';
import type { DirectorRecords } from '#shared/ota/director/director-ports.ts';
import type { DirectorRecord } from '#shared/ota/director/director-record.ts';
import type { RepositoryRecords } from '#shared/ota/repository/metadata-ports.ts';
import { type PendingFile, type RepositoryState, targetsRole } from '#shared/ota/repository/repository-state.ts';
import { aVehicleId } from './samples.ts';

const file = { meta: { version: 1, length: 7, hashes: { sha256: 'a', sha512: 'b' } }, expiresAt: 5 };
const state: RepositoryState = {
  ...{ repository: 'image', root: file, roots: ['a'], targets: {}, revision: 1, published: 0 },
};
const pending: PendingFile = {
  ...{ repository: 'image', role: targetsRole, version: 2, sha256: 'c', signedBy: ['key'], missing: 1 },
  ...{ expiresAt: 9, removes: ['gone'], proposedBy: 'client', proposedAt: 3 },
};

export function repositoryRecordsContract(make: () => Promise<RepositoryRecords>): void {
  let records: RepositoryRecords;
  beforeAll(async () => {
    records = await make();
  });

  test('of two that would begin or go on with a repository one does', async () => {
    expect(await records.load('image')).toBeUndefined();
    const first = await Promise.all([records.save(state, undefined), records.save(state, undefined)]);
    expect(first.filter(Boolean)).toHaveLength(1);
    const online = { snapshot: file, timestamp: file };
    const next = { ...state, targets: { targets: file }, online, revision: 2 };
    const second = await Promise.all([records.save(next, 1), records.save(next, 1)]);
    expect(second.filter(Boolean)).toHaveLength(1);
    expect(await records.load('image')).toEqual(next);
    await records.markPublished('image', 1);
    expect((await records.load('image'))?.published).toBe(0);
    await records.markPublished('image', 2);
    expect((await records.load('image'))?.published).toBe(2);
    expect(await records.load('director')).toBeUndefined();
  });

  test('what is pending changes for who has seen it, and goes with its publication', async () => {
    expect(await records.savePending(pending, undefined)).toBe(true);
    expect(await records.savePending(pending, undefined)).toBe(false);
    const more = { ...pending, sha256: 'd', signedBy: ['key', 'other'] };
    expect(await records.savePending(more, pending)).toBe(true);
    expect(await records.savePending(more, pending)).toBe(false);
    expect(await records.pending('image', targetsRole)).toEqual(more);
    expect(await records.allPending('image')).toEqual([more]);
    expect(await records.dropPending(pending)).toBe(false);
    expect(await records.dropPending(more)).toBe(true);
    await records.savePending(pending, undefined);
    const seen = await records.load('image');
    expect(await records.save({ ...state, revision: (seen?.revision ?? 0) + 1 }, seen?.revision, targetsRole)).toBe(
      true,
    );
    expect(await records.allPending('image')).toEqual([]);
  });
}

export function directorRecordsContract(make: () => Promise<DirectorRecords>): void {
  test('of two that answer a vehicle at once one settles, and its control units come back as they were', async () => {
    const records = await make();
    const { publicKey: key } = signerOf(generateKeyPairSync('ed25519').privateKey);
    const record: DirectorRecord = {
      vehicleId: aVehicleId(),
      ecus: { gateway: { key, hardwareId: 'gw 2', reportCounter: 7 } },
      unknown: { engine: { key, hardwareId: 'en', seenAt: 5 } },
      ...{ requestId: 'one', metadataVersion: 3, version: 1 },
    };
    expect(await records.load(record.vehicleId)).toBeUndefined();
    const saves = await Promise.all([records.save(record, undefined), records.save(record, undefined)]);
    expect(saves.filter(Boolean)).toHaveLength(1);
    expect(await records.load(record.vehicleId)).toEqual(record);
    expect(await records.save({ ...record, version: 2 }, 1)).toBe(true);
    expect(await records.save({ ...record, version: 2 }, 1)).toBe(false);
  });
}
