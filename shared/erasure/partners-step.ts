import type { PersonId } from '../access/person.ts';
import type { Erasure } from './erasure.ts';
import type { ErasureStep, Found } from './erasure-work.ts';

/** What is kept of a partner's traveller. Each call may be repeated. */
export interface PartnersErasure {
  /**
   * Those that are over, and whose trips are nobody's any more: what is owed or disputed is a claim, and stays.
   *
   * @returns opaque keys
   */
  packagesOf(
    personId: PersonId,
    after: string | undefined,
    limit: number,
  ): Promise<{ readonly keys: readonly string[]; readonly next?: string }>;
  /** What the partner was charged stays; whose it was, and the key for their phone, go. */
  forgetPackage(personId: PersonId, key: string): Promise<void>;
}

const slice = 25;

/** Packages that partners have bought for somebody. It comes behind the trips, by which it sees what may go. */
export class PartnersStep implements ErasureStep {
  readonly category = 'sharing';
  readonly where = 'Partners';
  readonly #partners: PartnersErasure;

  constructor(partners: PartnersErasure) {
    this.#partners = partners;
  }

  async find({ subject }: Erasure, after: string | undefined): Promise<Found> {
    if (subject.kind === 'vehicle') return { keys: [] };
    return this.#partners.packagesOf(subject.personId, after, slice);
  }

  async erase({ subject }: Erasure, keys: readonly string[]): Promise<void> {
    if (subject.kind === 'vehicle') return;
    for (const key of keys) await this.#partners.forgetPackage(subject.personId, key);
  }
}
