import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import type { DirectorTargets, ImageTargets } from '#shared/ota/uptane/custom.ts';
import type { KnownEcu } from '#shared/ota/uptane/director-rules.ts';
import { filesAtHand } from '#shared/ota/uptane/file-source.ts';
import { type FullyVerified, fullVerification, type TrustedPair } from '#shared/ota/uptane/full-verification.ts';
import { firstRoot } from '#shared/ota/uptane/root-walk.ts';
import { type Files, type KeySet, newKeys, now, type RepositoryPlan, repositoryFiles } from './uptane-repositories.ts';

/** A car with two control units, and a release for both of them in two honest repositories. */
export interface World {
  readonly keys: { readonly director: KeySet; readonly images: KeySet };
  readonly files: { readonly director: Files; readonly images: Files };
}

export const ecus: readonly KnownEcu[] = [
  { ecuId: 'gateway', hardwareId: 'GW-2', releaseCounter: 3 },
  { ecuId: 'engine', hardwareId: 'ECM-7', releaseCounter: 8 },
];

const imageBytes = { gateway: Buffer.from('gateway 4'), engine: Buffer.from('engine 9') };
export const paths = { gateway: 'gateway/4.bin', engine: 'engine/9.bin' };

function fileOf(bytes: Uint8Array) {
  return {
    length: bytes.length,
    hashes: { sha256: cryptography.digest('sha256', bytes), sha512: cryptography.digest('sha512', bytes) },
  };
}

export const imageTargets: ImageTargets['targets'] = {
  [paths.gateway]: {
    ...fileOf(imageBytes.gateway),
    custom: { hardwareIds: ['GW-1', 'GW-2'], releaseCounter: 4, softwareVersion: '4.0', releaseId: 'rel-1' },
  },
  [paths.engine]: {
    ...fileOf(imageBytes.engine),
    custom: { hardwareIds: ['ECM-7'], releaseCounter: 9, softwareVersion: '9.0', releaseId: 'rel-1' },
  },
};

export const directorContent: Pick<DirectorTargets, 'targets' | 'custom'> = {
  targets: {
    [paths.gateway]: {
      ...fileOf(imageBytes.gateway),
      custom: { ecuIdentifiers: { gateway: { hardwareId: 'GW-2' } }, releaseCounter: 4, softwareVersion: '4.0' },
    },
    [paths.engine]: {
      ...fileOf(imageBytes.engine),
      custom: { ecuIdentifiers: { engine: { hardwareId: 'ECM-7' } }, releaseCounter: 9, softwareVersion: '9.0' },
    },
  },
  custom: { campaignId: 'cmp-1', releaseId: 'rel-1', softwareVersion: '2030.1', preconditions: [{ kind: 'parked' }] },
};

export interface WorldPlan {
  readonly keys?: World['keys'];
  readonly director?: Partial<RepositoryPlan>;
  readonly images?: Partial<RepositoryPlan>;
}

export async function aWorld(plan: WorldPlan = {}): Promise<World> {
  const keys = plan.keys ?? { director: newKeys(), images: newKeys() };
  const [director, images] = await Promise.all([
    repositoryFiles({ keys: keys.director, director: directorContent, ...plan.director }),
    repositoryFiles({ keys: keys.images, images: { targets: imageTargets }, ...plan.images }),
  ]);
  return { keys, files: { director, images } };
}

/** A vehicle fresh from the factory: it knows the first Roots. */
export function factoryTrust({ files }: World): TrustedPair {
  const root = (of: Files) => firstRoot(of.get('1.root.json') ?? '', cryptography);
  return {
    director: { root: root(files.director), delegated: new Map() },
    images: { root: root(files.images), delegated: new Map() },
  };
}

export interface Circumstances {
  readonly trusted?: TrustedPair;
  readonly ecus?: readonly KnownEcu[];
  readonly now?: number;
  readonly reached?: (trusted: TrustedPair) => void;
}

export function verified(world: World, circumstances: Circumstances = {}): Promise<FullyVerified> {
  const common = { now: circumstances.now ?? now, cryptography };
  return fullVerification(circumstances.trusted ?? factoryTrust(world), {
    director: { ...common, source: filesAtHand(world.files.director) },
    images: { ...common, source: filesAtHand(world.files.images) },
    ecus: circumstances.ecus ?? ecus,
    ...(circumstances.reached === undefined ? {} : { reached: circumstances.reached }),
  });
}

/** The attack that is named; `accepted` where it is not seen. */
export async function attackIn(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return 'accepted';
  } catch (error) {
    if (error instanceof RefusedUpdate) return error.attack;
    throw error;
  }
}
