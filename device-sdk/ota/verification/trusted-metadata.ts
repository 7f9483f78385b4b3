import * as z from 'zod/mini';
import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import type { TrustedPair } from '#shared/ota/uptane/full-verification.ts';
import type { Cryptography } from '#shared/ota/uptane/key.ts';
import { firstRoot } from '#shared/ota/uptane/root-walk.ts';
import {
  type StoredRepository,
  storedOf,
  type TrustedRepository,
  trustedOf,
} from '#shared/ota/uptane/trusted-repository.ts';
import type { Storage } from '../../storage.ts';

/** The first Root of each repository, put into the vehicle when it is made: whom it trusts before it has heard anything. */
export interface FactoryRoots {
  readonly director: string;
  readonly images: string;
}

const documents = { director: 'uptane-director', images: 'uptane-images' } as const;

const storedSchema = z.object({
  root: z.string(),
  timestamp: z.exactOptional(z.string()),
  snapshot: z.exactOptional(z.string()),
  targets: z.exactOptional(z.string()),
  delegated: z.exactOptional(z.record(z.string(), z.string())),
});

/** The metadata that the vehicle trusts, on its disk. */
export class TrustedMetadata {
  private readonly storage: Storage;
  private readonly factory: FactoryRoots;
  private readonly cryptography: Cryptography;

  constructor(storage: Storage, factory: FactoryRoots, cryptography: Cryptography) {
    this.storage = storage;
    this.factory = factory;
    this.cryptography = cryptography;
  }

  /** @throws RefusedUpdate where not even the factory's Root holds */
  read(): TrustedPair {
    return { director: this.repository('director'), images: this.repository('images') };
  }

  /** What has not changed is not written again. */
  write(trusted: TrustedPair): void {
    for (const which of ['director', 'images'] as const) {
      const stored = storedOf(trusted[which]);
      if (JSON.stringify(stored) !== JSON.stringify(this.stored(which))) this.storage.write(documents[which], stored);
    }
  }

  private repository(which: keyof FactoryRoots): TrustedRepository {
    const factory = { root: firstRoot(this.factory[which], this.cryptography), delegated: new Map() };
    const stored = this.stored(which);
    if (stored === undefined) return factory;
    try {
      const trusted = trustedOf(stored);
      // A workshop that puts a newer Root in by hand brings back a vehicle whose own chain was cut.
      return trusted.root.content.version >= factory.root.content.version ? trusted : factory;
    } catch (error) {
      // A disk that has aged: the walk begins once more where the factory left the vehicle.
      if (error instanceof RefusedUpdate) return factory;
      throw error;
    }
  }

  private stored(which: keyof FactoryRoots): StoredRepository | undefined {
    return storedSchema.safeParse(this.storage.read(documents[which])).data;
  }
}
