import { generateKeyPairSync } from 'node:crypto';
import { cryptography, signerOf } from '#device-sdk/ota/verification/cryptography.ts';
import type { DirectorTargets, ImageTargets } from '#shared/ota/uptane/custom.ts';
import type { PublicKey, Signature, Signer } from '#shared/ota/uptane/key.ts';
import type { FileMeta, Role, TopRole } from '#shared/ota/uptane/metadata.ts';
import {
  directorTargetsPayload,
  imageTargetsPayload,
  keyList,
  roleOf,
  rootPayload,
  snapshotPayload,
  timestampPayload,
} from '#shared/ota/uptane/payloads.ts';
import { fileMeta, fileText, signaturesOver } from '#shared/ota/uptane/signing.ts';

/** Whole repositories for tests, every part of which can be bent. */
export type TestSigner = Signer & { readonly publicKey: PublicKey };

export function newSigner(): TestSigner {
  return signerOf(generateKeyPairSync('ed25519').privateKey);
}

export type KeySet = Readonly<Record<TopRole, readonly TestSigner[]>>;

export function newKeys(): KeySet {
  const two = () => [newSigner(), newSigner()];
  return { root: two(), targets: two(), snapshot: [newSigner()], timestamp: [newSigner()] };
}

/** 1 January 2030. */
export const now = Date.UTC(2030, 0, 1);
const year = 365 * 86_400_000;

/** By file name, as they are read. */
export type Files = Map<string, string>;

export interface RepositoryPlan {
  readonly keys: KeySet;
  readonly images?: Pick<ImageTargets, 'targets' | 'delegations'>;
  readonly director?: Pick<DirectorTargets, 'targets' | 'custom'>;
  /** Delegated roles' files, signed. */
  readonly delegated?: Readonly<Record<string, string>>;
  readonly version?: number;
  readonly timestampVersion?: number;
  readonly snapshotVersion?: number;
  readonly rootVersion?: number;
  /** Whose keys the new Root replaces. */
  readonly formerRoot?: readonly Signer[];
  readonly expiresAt?: number;
  readonly rootExpiresAt?: number;
  readonly issuedAt?: number;
  /** Bends a payload before it is signed, and with it everything that lists it. */
  readonly bend?: (role: TopRole, payload: unknown) => unknown;
  /** Who signs instead of whom. */
  readonly signers?: Partial<Record<TopRole, readonly Signer[]>>;
}

/** Every file of a repository, each listing the others as they are. */
export async function repositoryFiles(plan: RepositoryPlan): Promise<Files> {
  const { keys, version = 1, rootVersion = 1, expiresAt = now + year, issuedAt = now } = plan;
  const bend = plan.bend ?? ((_role, payload) => payload);
  const write = async (role: TopRole, payload: unknown, own: readonly Signer[]) => {
    const bent = bend(role, payload);
    return fileText({ signed: bent, signatures: await signaturesOf(bent, plan.signers?.[role] ?? own) });
  };
  const life = { version, expiresAt };
  const root = rootPayload(
    { version: rootVersion, expiresAt: plan.rootExpiresAt ?? now + 10 * year },
    {
      root: { keys: keys.root.map((it) => it.publicKey), threshold: 2 },
      targets: { keys: keys.targets.map((it) => it.publicKey), threshold: 2 },
      snapshot: { keys: keys.snapshot.map((it) => it.publicKey), threshold: 1 },
      timestamp: { keys: keys.timestamp.map((it) => it.publicKey), threshold: 1 },
    },
    cryptography,
  );
  const payload =
    plan.director === undefined
      ? imageTargetsPayload(life, plan.images ?? { targets: {} })
      : directorTargetsPayload(life, plan.director);
  const targets = await write('targets', payload, keys.targets);
  const meta: Record<string, FileMeta> = { 'targets.json': fileMeta(targets, version, cryptography) };
  for (const [name, text] of Object.entries(plan.delegated ?? {})) {
    meta[`${name}.json`] = fileMeta(text, versionOf(text), cryptography);
  }
  const snapshotVersion = plan.snapshotVersion ?? version;
  const snapshot = await write('snapshot', snapshotPayload({ ...life, version: snapshotVersion }, meta), keys.snapshot);
  const listed = fileMeta(snapshot, snapshotVersion, cryptography);
  return new Map([
    [`${rootVersion}.root.json`, await write('root', root, [...(plan.formerRoot ?? []), ...keys.root])],
    [
      'timestamp.json',
      await write(
        'timestamp',
        timestampPayload({ ...life, version: plan.timestampVersion ?? version }, listed, issuedAt),
        keys.timestamp,
      ),
    ],
    [`${snapshotVersion}.snapshot.json`, snapshot],
    [`${version}.targets.json`, targets],
    ...Object.entries(plan.delegated ?? {}).map(([name, text]): [string, string] => [
      `${versionOf(text)}.${name}.json`,
      text,
    ]),
  ]);
}

function versionOf(text: string): number {
  const { signed } = JSON.parse(text);
  return signed?.version ?? 1;
}

/** Somebody with a stolen key signs even what has no canonical form. */
async function signaturesOf(payload: unknown, signers: readonly Signer[]): Promise<readonly Signature[]> {
  try {
    return await signaturesOver(payload, signers);
  } catch {
    const bytes = Buffer.from(JSON.stringify(payload) ?? '');
    return Promise.all(
      signers.map(async (signer) => ({
        keyid: signer.keyid,
        method: signer.scheme,
        sig: Buffer.from(await signer.sign(bytes)).toString('hex'),
      })),
    );
  }
}

/** A delegated role's own file. */
export async function delegatedFile(
  content: Pick<ImageTargets, 'targets' | 'delegations'>,
  signers: readonly Signer[],
  life = { version: 1, expiresAt: now + year },
): Promise<string> {
  const payload = imageTargetsPayload(life, content);
  return fileText({ signed: payload, signatures: await signaturesOver(payload, signers) });
}

export function delegatedRole(signers: readonly TestSigner[], threshold = signers.length): Role {
  return roleOf('delegated', { keys: signers.map((it) => it.publicKey), threshold }, cryptography);
}

export function delegatedKeys(signers: readonly TestSigner[]): Record<string, PublicKey> {
  return keyList(
    signers.map((it) => it.publicKey),
    cryptography,
  );
}
