import * as z from 'zod/mini';
import type { RepositoryView } from '#shared/ota/repository/repository-service.ts';
import {
  isOfflineRole,
  type OfflineRole,
  type PendingFile,
  type PublishedFile,
  type RepositoryName,
  type RepositoryState,
  repositoryNames,
} from '#shared/ota/repository/repository-state.ts';
import { signatureSchemes } from '#shared/ota/uptane/key.ts';
import { as, instant, isoTime, text } from '../schemas.ts';

export const repositoryName = as(z.enum(repositoryNames), {
  description: '`image`: what there is; `director`: what each vehicle shall install',
});

export const roleText = text<OfflineRole>(isOfflineRole, () => 'is no role that is signed offline', {
  pattern: '^[a-z][a-z0-9-]{0,63}$',
  description: '`root`, `targets`, or the name of a role that Targets delegate to',
});

const role = as(z.string(), { description: 'Role of the Uptane Standard' });
const published = z.object({ role, version: z.int(), length: z.int(), sha256: z.string(), expiresAt: instant() });
const keyId = as(z.string(), { description: 'SHA-256 of the key in canonical JSON' });

export const pendingSchema = as(
  z.object({
    role,
    version: z.int(),
    signedBy: as(z.array(keyId), { description: 'Keys that have signed it' }),
    missing: as(z.int(), { description: 'Signatures that are still needed', minimum: 0 }),
    expiresAt: instant(),
    removes: as(z.array(z.string()), { description: 'Published targets and roles that go with it' }),
    proposedBy: z.string(),
    proposedAt: instant(),
  }),
  { id: 'PendingMetadata' },
);

export const repositorySchema = as(
  z.object({
    repository: z.enum(repositoryNames),
    onlineKey: z.object({
      keyId,
      key: as(
        z.object({
          keytype: z.enum(['ed25519', 'rsa']),
          scheme: z.enum(signatureSchemes),
          keyval: z.object({ public: z.string() }),
        }),
        { description: 'Signs what is signed in the cloud; Root has to name it for those roles' },
      ),
    }),
    published: as(z.array(published), { description: 'Empty until the first Root is there' }),
    pending: as(z.array(pendingSchema), { description: 'Versions that not enough keys have signed yet' }),
  }),
  { id: 'MetadataRepository' },
);

const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const at = '2026-11-21T08:30:00.000Z';

export const pendingExample: z.infer<typeof pendingSchema> = {
  ...{ role: 'targets', version: 8, signedBy: [sha256], missing: 1, expiresAt: '2027-11-21T08:30:00.000Z' },
  ...{ removes: [], proposedBy: 'release-management', proposedAt: at },
};

export const repositoryExample: z.infer<typeof repositorySchema> = {
  repository: 'image',
  onlineKey: {
    keyId: sha256,
    key: { keytype: 'rsa', scheme: 'rsassa-pss-sha256', keyval: { public: '-----BEGIN PUBLIC KEY-----\n…' } },
  },
  published: [{ role: 'targets', version: 7, length: 4096, sha256, expiresAt: '2027-11-21T08:30:00.000Z' }],
  pending: [pendingExample],
};

export function viewOf(repository: RepositoryName, view: RepositoryView): z.infer<typeof repositorySchema> {
  return {
    repository,
    onlineKey: {
      keyId: view.onlineKey.keyId,
      key: { ...view.onlineKey.key, keyval: { ...view.onlineKey.key.keyval } },
    },
    published: view.state === undefined ? [] : publishedOf(view.state),
    pending: view.pending.map(pendingViewOf),
  };
}

export function pendingViewOf(pending: PendingFile): z.infer<typeof pendingSchema> {
  const { role: its, version, signedBy, missing, expiresAt, removes, proposedBy, proposedAt } = pending;
  return {
    ...{ role: its, version, signedBy: [...signedBy], missing, expiresAt: isoTime(expiresAt) },
    ...{ removes: [...removes], proposedBy, proposedAt: isoTime(proposedAt) },
  };
}

function publishedOf({ root, targets, online }: RepositoryState) {
  const files: [string, PublishedFile][] = [
    ['root', root],
    ...Object.entries(targets),
    ...Object.entries(online ?? {}),
  ];
  return files.map(([name, { meta, expiresAt }]) => ({
    ...{ role: name, version: meta.version, length: meta.length ?? 0, sha256: meta.hashes.sha256 },
    expiresAt: isoTime(expiresAt),
  }));
}
