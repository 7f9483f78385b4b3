import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { isFollowed } from './package.ts';
import { type PackageReader, type ReadPackage, withTold } from './package-reader.ts';
import type { PackageName, PackageRepository } from './package-repository.ts';
import { isToldSo } from './told.ts';

export interface FollowingPorts {
  readonly packages: Pick<PackageRepository, 'load' | 'save' | 'ofVehicle'>;
  readonly reader: Pick<PackageReader, 'read'>;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<unknown>;
}

/** Something happened to a vehicle: what partners are told of their packages follows. */
export class FollowingService {
  readonly #ports: FollowingPorts;

  constructor(ports: FollowingPorts) {
    this.#ports = ports;
  }

  /** May be called whenever and however often. @throws Failure `unavailable` where it is not to be told yet */
  async follow(vehicleId: string): Promise<void> {
    for (const name of await this.#ports.packages.ofVehicle(vehicleId)) await this.#tell(name);
  }

  async #tell(name: PackageName): Promise<void> {
    const { packages, clock } = this.#ports;
    await untilSaved(async () => {
      const read = await this.#read(name);
      if (read === undefined || isToldSo(read.pack.told, read.standing)) return true;
      const next = { ...withTold(read, clock.now()), version: read.pack.version + 1 };
      return (await packages.save(next, read.pack)) || undefined;
    });
  }

  /** Undefined where nothing more is to be told. Who hears of a move may be faster than who writes its trip. */
  async #read(name: PackageName): Promise<ReadPackage | undefined> {
    const { packages, reader, pause } = this.#ports;
    for (let round = 1; ; round++) {
      const pack = await packages.load(name);
      if (pack === undefined || !isFollowed(pack)) return undefined;
      const read = await reader.read(pack);
      if (read.use.kind !== 'unknown') return read;
      // The queue asks again.
      if (round === patience.rounds) throw notYet();
      await pause(patience.between);
    }
  }
}

/** ms: a trip is written as soon as its booking has changed. */
const patience = { rounds: 8, between: 250 };

function notYet(): Failure {
  return new Failure('unavailable', 'contended', 'What became of the use is not written yet.', { retryAfter: 1 });
}
