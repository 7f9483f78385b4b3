import type { Clock } from '#shared/kernel/clock.ts';
import { Failure } from '#shared/kernel/failure.ts';
import { untilSaved } from '#shared/kernel/optimistic.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { Settings } from '#shared/twins/twin.ts';
import type { HubClients } from './hub-clients.ts';
import { isStale, isUnknownDevice, meaningOf } from './hub-failures.ts';
import { badKeyIn, type HubTwin, hubTwin, type Namespace, namespaceOf, patchOf, revisionOf } from './twin-namespace.ts';

/** Whatever the twin is at. */
const anyEtag = '*';

/**
 * Twins as members of the one twin that a hub keeps of a device. Its etag covers all of it: where somebody else's
 * member moved it, that is absorbed here.
 */
export class HubTwins {
  readonly #registry: Pick<HubClients['registry'], 'getTwin' | 'updateTwin'>;
  readonly #clock: Clock;

  constructor({ registry }: Pick<HubClients, 'registry'>, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  async load(vehicleId: VehicleId, name: string): Promise<Namespace | undefined> {
    const twin = await this.read(vehicleId);
    return twin === undefined ? undefined : namespaceOf(twin, name);
  }

  /** @returns false where the member is not at the revision that was seen */
  async patchDesired(
    vehicleId: VehicleId,
    name: string,
    patch: Settings | null,
    seenRevision?: string,
  ): Promise<boolean> {
    requireGoodKeys(name, patch);
    const update = patchOf(name, patch, this.#clock.now());
    if (seenRevision === undefined) {
      await this.#write(vehicleId, update, anyEtag);
      return true;
    }
    return untilSaved(async () => {
      const twin = await this.#require(vehicleId);
      if ((namespaceOf(twin, name)?.revision ?? revisionOf({})) !== seenRevision) return false;
      return (await this.#write(vehicleId, update, twin.etag)) === false ? undefined : true;
    });
  }

  /**
   * Changes the whole twin unless something newer was written under this key.
   *
   * @param order rises for each vehicle and key: what comes late changes nothing
   */
  async patchInOrder(vehicleId: VehicleId, key: string, patches: readonly object[], order: number): Promise<void> {
    await untilSaved(async () => {
      const twin = await this.#require(vehicleId);
      if ((twin.tags.orders[key] ?? Number.NEGATIVE_INFINITY) >= order) return true;
      let { etag } = twin;
      for (const [index, patch] of patches.entries()) {
        const isLast = index === patches.length - 1;
        const written = await this.#write(
          vehicleId,
          isLast ? { ...patch, tags: { orders: { [key]: order } } } : patch,
          etag,
        );
        if (written === false) return undefined;
        etag = written;
      }
      return true;
    });
  }

  /** Undefined where the hub does not know the vehicle. */
  async read(vehicleId: VehicleId): Promise<HubTwin | undefined> {
    try {
      const { responseBody } = await this.#registry.getTwin(vehicleId);
      return hubTwin.parse(plain(responseBody));
    } catch (error) {
      if (isUnknownDevice(error)) return undefined;
      throw meaningOf(error, this.#clock.now());
    }
  }

  async #require(vehicleId: VehicleId): Promise<HubTwin> {
    const twin = await this.read(vehicleId);
    if (twin !== undefined) return twin;
    throw new Failure('conflict', 'vehicle-not-provisioned', 'The device cloud does not know the vehicle yet.');
  }

  /** The etag it has now; false where it was not at the one given. */
  async #write(vehicleId: VehicleId, patch: object, etag: string): Promise<string | false> {
    try {
      const { responseBody } = await this.#registry.updateTwin(vehicleId, patch, etag);
      return responseBody.etag;
    } catch (error) {
      if (isStale(error)) return false;
      throw meaningOf(error, this.#clock.now());
    }
  }
}

/** The SDK's twin is a class with a client in it. */
function plain(twin: object): object {
  const { etag, tags, properties } = twin as { etag: unknown; tags: unknown; properties: unknown };
  return { etag, ...(tags !== undefined && { tags }), properties };
}

function requireGoodKeys(name: string, patch: Settings | null): void {
  const key = badKeyIn({ [name]: patch });
  if (key === undefined) return;
  throw new Failure(
    'invalid',
    'twin-not-acceptable',
    `The twin cannot become so: '${key}' cannot be a name in it.`,
    { resolution: 'Names hold no full stop, dollar sign, space or control character.' },
  );
}
