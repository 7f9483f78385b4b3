import type { Clock } from '#shared/kernel/clock.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { isSettings, type Settings, type TwinDocument } from '#shared/twins/twin.ts';
import type { TwinRepository } from '#shared/twins/twin-repository.ts';

/** A device cloud's twins for tests of the routes; the real shadows are tested in the journeys. */
export class MemoryTwins implements TwinRepository {
  readonly #clock: Clock;
  readonly #twins = new Map<string, TwinDocument>();
  /** Called before each write: what happens at the same time. */
  beforeWrite: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async load(vehicleId: VehicleId, name: string): Promise<TwinDocument | undefined> {
    return this.#twins.get(`${vehicleId}/${name}`);
  }

  async patchDesired(vehicleId: VehicleId, name: string, patch: Settings | null, seen?: string): Promise<boolean> {
    const meanwhile = this.beforeWrite;
    this.beforeWrite = () => {};
    meanwhile();
    const known = this.#known(vehicleId, name);
    if (seen !== undefined && seen !== known.revision) return false;
    const desired = patch === null ? {} : merged(known.desired, patch);
    const desiredAt = patch === null ? {} : merged(known.desiredAt, stamped(patch, this.#clock.now()));
    this.#twins.set(`${vehicleId}/${name}`, { ...known, desired, desiredAt, revision: next(known) });
    return true;
  }

  report(vehicleId: VehicleId, name: string, patch: Settings): void {
    const known = this.#known(vehicleId, name);
    const reported = merged(known.reported, patch);
    const reportedAt = merged(known.reportedAt, stamped(patch, this.#clock.now()));
    this.#twins.set(`${vehicleId}/${name}`, { ...known, reported, reportedAt, revision: next(known) });
  }

  #known(vehicleId: VehicleId, name: string): TwinDocument {
    const empty = { desired: {}, reported: {}, desiredAt: {}, reportedAt: {}, revision: '0' };
    return this.#twins.get(`${vehicleId}/${name}`) ?? empty;
  }
}

function next({ revision }: TwinDocument): string {
  return String(Number(revision) + 1);
}

function merged(known: Settings, patch: Settings): Settings {
  const result: Record<string, unknown> = { ...known };
  for (const [key, value] of Object.entries(patch)) {
    const present = result[key];
    if (value === null) delete result[key];
    else result[key] = isSettings(value) ? merged(isSettings(present) ? present : {}, value) : value;
  }
  return result;
}

function stamped(patch: Settings, now: number): Settings {
  return Object.fromEntries(
    Object.entries(patch).map(([key, value]) => [
      key,
      isSettings(value) ? stamped(value, now) : value === null ? null : now,
    ]),
  );
}
