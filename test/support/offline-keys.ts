import { generateKeyPairSync } from 'node:crypto';
import { cryptography, signerOf } from '#device-sdk/ota/verification/cryptography.ts';
import type { ImageCustom } from '#shared/ota/uptane/custom.ts';
import type { PublicKey, Signer } from '#shared/ota/uptane/key.ts';
import type { DelegatedRole, Target } from '#shared/ota/uptane/metadata.ts';
import { imageTargetsPayload, keyList, roleOf, rootPayload } from '#shared/ota/uptane/payloads.ts';
import { signed } from '#shared/ota/uptane/signing.ts';

export type OfflineKey = Signer & { readonly publicKey: PublicKey };

export function anOfflineKey(): OfflineKey {
  return signerOf(generateKeyPairSync('ed25519').privateKey);
}

const inAYear = Date.parse('2027-11-21T00:00:00Z');

interface RootPlan {
  readonly version?: number;
  readonly root: readonly OfflineKey[];
  readonly targets: readonly OfflineKey[];
  readonly online: PublicKey;
  readonly threshold?: number;
  readonly expiresAt?: number;
}

export function aRootPayload({ version = 1, root, targets, online, threshold = 1, expiresAt = inAYear }: RootPlan) {
  const role = (keys: readonly OfflineKey[]) => ({ keys: keys.map(({ publicKey }) => publicKey), threshold });
  const cloud = { keys: [online], threshold: 1 };
  const roles = { root: role(root), targets: role(targets), snapshot: cloud, timestamp: cloud };
  return rootPayload({ version, expiresAt }, roles, cryptography);
}

/** As the Director's: everything but Root is signed in the cloud. */
export function aDirectorRootPayload(root: readonly OfflineKey[], online: PublicKey, version = 1) {
  const cloud = { keys: [online], threshold: 1 };
  const own = { keys: root.map(({ publicKey }) => publicKey), threshold: 1 };
  const roles = { root: own, targets: cloud, snapshot: cloud, timestamp: cloud };
  return rootPayload({ version, expiresAt: inAYear }, roles, cryptography);
}

export interface TargetsPlan {
  readonly version: number;
  readonly targets?: Readonly<Record<string, Target<ImageCustom>>>;
  readonly delegations?: readonly {
    readonly name: string;
    readonly paths: readonly string[];
    readonly keys: readonly OfflineKey[];
    readonly threshold?: number;
  }[];
  readonly expiresAt?: number;
}

function targetsPayload({ version, targets = {}, delegations = [], expiresAt = inAYear }: TargetsPlan) {
  const publicKeys = (keys: readonly OfflineKey[]) => keys.map(({ publicKey }) => publicKey);
  const roles: DelegatedRole[] = delegations.map(({ name, paths, keys, threshold = 1 }) => ({
    ...{ name, paths, terminating: false },
    ...roleOf(name, { keys: publicKeys(keys), threshold }, cryptography),
  }));
  const keys = keyList(
    delegations.flatMap((it) => publicKeys(it.keys)),
    cryptography,
  );
  return imageTargetsPayload(
    { version, expiresAt },
    { targets, ...(delegations.length > 0 && { delegations: { keys, roles } }) },
  );
}

export function signedTargets(plan: TargetsPlan, ...keys: readonly OfflineKey[]): Promise<string> {
  return signed(targetsPayload(plan), keys);
}
