import type { Erasure } from '#shared/erasure/erasure.ts';
import type { ErasureStep, Found } from '#shared/erasure/erasure-work.ts';
import type { HomeName } from '#shared/registry/home.ts';
import type { HubErasure } from './hub-cloud.ts';

/**
 * What a hub holds of a vehicle. Every hub is asked, not only that of its present home: it may have moved, and the
 * registry has forgotten it by then.
 */
export class HubStep implements ErasureStep {
  readonly category: 'twins' | 'device-access';
  readonly where: string;
  readonly #what: 'twins' | 'identity';
  readonly #hub: HubErasure;

  constructor(home: HomeName, what: 'twins' | 'identity', hub: HubErasure) {
    this.category = what === 'twins' ? 'twins' : 'device-access';
    this.where = `device cloud ${home}`;
    this.#what = what;
    this.#hub = hub;
  }

  async find({ subject }: Erasure, after: string | undefined): Promise<Found> {
    return subject.kind === 'vehicle' ? this.#hub.find(subject.vehicleId, this.#what, after) : { keys: [] };
  }

  async erase({ subject }: Erasure, keys: readonly string[]): Promise<void> {
    if (subject.kind === 'vehicle') await this.#hub.erase(subject.vehicleId, this.#what, keys);
  }
}
