import { generateKeyPairSync } from 'node:crypto';
import { cryptography, signerOf } from '#device-sdk/ota/verification/cryptography.ts';
import type { MetadataFiles, RepositoryRecords } from '#shared/ota/repository/metadata-ports.ts';
import { RepositoryService } from '#shared/ota/repository/repository-service.ts';
import type { PendingFile, RepositoryState } from '#shared/ota/repository/repository-state.ts';
import { aBrand } from '../contract/samples.ts';

/** Repositories of metadata without a table and a bucket. */
export function memoryRepository(now: number) {
  const states = new Map<string, RepositoryState>();
  const pending = new Map<string, PendingFile>();
  const kept = new Map<string, string>();
  const published = new Map<string, string>();
  const key = (repository: string, role: string) => `${repository} ${role}`;
  const records: RepositoryRecords = {
    load: async (repository) => states.get(repository),
    async save(state, seen, role) {
      if (states.get(state.repository)?.revision !== seen) return false;
      states.set(state.repository, state);
      if (role !== undefined) pending.delete(key(state.repository, role));
      return true;
    },
    async markPublished(repository, revision) {
      const state = states.get(repository);
      if (state?.revision === revision) states.set(repository, { ...state, published: revision });
    },
    pending: async (repository, role) => pending.get(key(repository, role)),
    allPending: async (repository) => [...pending.values()].filter((one) => one.repository === repository),
    async savePending(next, seen) {
      if (pending.get(key(next.repository, next.role))?.sha256 !== seen?.sha256) return false;
      pending.set(key(next.repository, next.role), next);
      return true;
    },
    dropPending: async (seen) => pending.delete(key(seen.repository, seen.role)),
  };
  const files: MetadataFiles = {
    keep: async (sha256, text) => void kept.set(sha256, text),
    kept: async (sha256) => kept.get(sha256) ?? '',
    publish: async (_, name, text) => void published.set(name, text),
  };
  const online = signerOf(generateKeyPairSync('ed25519').privateKey);
  const onlineKey = async () => ({ publicKey: online.publicKey, signer: online });
  const service = new RepositoryService({
    ...{ records, files, cryptography, clock: { now: () => now }, brands: [aBrand()] },
    releases: async () => undefined,
    onlineKeys: { image: onlineKey, director: onlineKey },
  });
  return { service, online, published, states, pending };
}
