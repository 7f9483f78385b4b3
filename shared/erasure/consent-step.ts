import type { PersonId } from '../access/person.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { isCampaignId } from '../ota/campaigns/campaign-id.ts';
import { consentedBy, withoutPerson } from '../ota/updates/consents.ts';
import type { UpdateRepository } from '../ota/updates/update-repository.ts';
import type { OwnershipErasure } from '../ownership/ownership-repository.ts';
import { isVehicleId } from '../registry/vehicle-id.ts';
import type { Erasure } from './erasure.ts';
import type { ErasureStep, Found } from './erasure-work.ts';

/**
 * Who consented to updates: that somebody did stays with the vehicle, who it was goes. It comes before the ownership,
 * which knows what vehicles were the person's.
 */
export class ConsentStep implements ErasureStep {
  readonly category = 'consents';
  readonly where = 'Updates';
  readonly #updates: UpdateRepository;
  readonly #ownerships: Pick<OwnershipErasure, 'vehiclesOf'>;

  constructor(updates: UpdateRepository, ownerships: Pick<OwnershipErasure, 'vehiclesOf'>) {
    this.#updates = updates;
    this.#ownerships = ownerships;
  }

  async find({ subject }: Erasure): Promise<Found> {
    if (subject.kind !== 'person') return { keys: [] };
    const vehicles = await this.#ownerships.vehiclesOf(subject.personId);
    const updates = (await Promise.all(vehicles.map((vehicleId) => this.#updates.ofVehicle(vehicleId)))).flat();
    const theirs = updates.filter((update) => consentedBy(update, subject.personId));
    return { keys: theirs.map(({ vehicleId, campaignId }) => `${vehicleId}/${campaignId}`) };
  }

  async erase({ subject }: Erasure, keys: readonly string[]): Promise<void> {
    if (subject.kind !== 'person') return;
    for (const key of keys) await this.#forget(subject.personId, key);
  }

  async #forget(personId: PersonId, key: string): Promise<void> {
    const [vehicleId = '', campaignId = ''] = key.split('/');
    if (!isVehicleId(vehicleId) || !isCampaignId(campaignId)) return;
    await untilSaved(async () => {
      const seen = await this.#updates.load(vehicleId, campaignId);
      if (seen === undefined || !consentedBy(seen, personId)) return true;
      return (await this.#updates.save(withoutPerson(seen), seen.version)) || undefined;
    });
  }
}
