import type { Clock } from '#shared/kernel/clock.ts';
import { untilSaved } from '#shared/kernel/optimistic.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { HubClients } from './hub-clients.ts';
import { isStale, isUnknownDevice, meaningOf, notProvisioned } from './hub-failures.ts';
import { inTime } from './patience.ts';
import { type HubTwin, hubTwin } from './twin-namespace.ts';

/** The whole twin of a vehicle, read and written as long as this hub is where the vehicle is at home. */
export class HubVehicle {
  readonly #registry: Pick<HubClients['registry'], 'getTwin' | 'updateTwin'>;
  readonly #clock: Clock;
  readonly #epoch: number;

  /** @param epoch of the home: where the tags hold a later one, whoever asks knows the vehicle no more */
  constructor({ registry }: Pick<HubClients, 'registry'>, clock: Clock, epoch: number) {
    this.#registry = registry;
    this.#clock = clock;
    this.#epoch = epoch;
  }

  /** Undefined where the hub does not know the vehicle. */
  async read(vehicleId: VehicleId): Promise<HubTwin | undefined> {
    try {
      const { responseBody } = await inTime(this.#registry.getTwin(vehicleId));
      const { etag, tags, properties } = responseBody;
      const twin = hubTwin.parse({ etag, ...(tags !== undefined && { tags }), properties });
      return (twin.tags.home?.epoch ?? 0) > this.#epoch ? undefined : twin;
    } catch (error) {
      if (isUnknownDevice(error)) return undefined;
      throw meaningOf(error, this.#clock.now());
    }
  }

  async require(vehicleId: VehicleId): Promise<HubTwin> {
    const twin = await this.read(vehicleId);
    if (twin === undefined) throw notProvisioned();
    return twin;
  }

  /**
   * Reads, decides and writes until nobody came in between: the etag covers all of the twin, and what moved it may be
   * none of ours.
   *
   * @param decide undefined: nothing is to be written
   * @returns false where nothing was
   */
  async change(vehicleId: VehicleId, decide: (twin: HubTwin) => readonly object[] | undefined): Promise<boolean> {
    return untilSaved(async () => {
      const twin = await this.require(vehicleId);
      const patches = decide(twin);
      if (patches === undefined) return false;
      let { etag } = twin;
      for (const patch of patches) {
        const written = await this.#write(vehicleId, patch, etag);
        if (written === undefined) return undefined;
        etag = written;
      }
      return true;
    });
  }

  /** The etag it has now; undefined where it was not at the one given. */
  async #write(vehicleId: VehicleId, patch: object, etag: string): Promise<string | undefined> {
    try {
      const { responseBody } = await inTime(this.#registry.updateTwin(vehicleId, patch, etag));
      return responseBody.etag;
    } catch (error) {
      if (isStale(error)) return undefined;
      throw meaningOf(error, this.#clock.now());
    }
  }
}

/**
 * The patches, the last of which notes that they were made; undefined where something newer was.
 *
 * @param forgotten keys whose notes nobody needs any more
 */
export function inOrder(
  { tags }: HubTwin,
  key: string,
  order: number,
  patches: readonly object[],
  forgotten: readonly string[] = [],
): readonly object[] | undefined {
  if ((tags.orders[key] ?? Number.NEGATIVE_INFINITY) >= order) return undefined;
  const gone = Object.fromEntries(forgotten.map((each) => [each, null]));
  const noted = { tags: { orders: { ...gone, [key]: order } } };
  const last = patches.at(-1);
  return last === undefined ? [noted] : [...patches.slice(0, -1), { ...last, ...noted }];
}
