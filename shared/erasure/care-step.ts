import type { PersonId } from '../access/person.ts';
import type { Erasure } from './erasure.ts';
import type { ErasureStep, Found } from './erasure-work.ts';

/** What care keeps of a person. Each call may be repeated. */
export interface CareErasure {
  /** @returns opaque keys of what names them */
  recordsOf(
    personId: PersonId,
    after: string | undefined,
    limit: number,
  ): Promise<{ readonly keys: readonly string[]; readonly next?: string }>;
  /** Photos go, and so does what is theirs alone; what is broken stays broken, without them. */
  forget(personId: PersonId, key: string): Promise<void>;
}

/** Each may be twelve photos. */
const slice = 10;

/** Photos, reports, lost items, expenses. Of a vehicle nothing here is personal that is not of a person. */
export class CareStep implements ErasureStep {
  readonly category = 'sharing';
  readonly where = 'Care and Photos';
  readonly #care: CareErasure;

  constructor(care: CareErasure) {
    this.#care = care;
  }

  async find({ subject }: Erasure, after: string | undefined): Promise<Found> {
    if (subject.kind === 'vehicle') return { keys: [] };
    return this.#care.recordsOf(subject.personId, after, slice);
  }

  async erase({ subject }: Erasure, keys: readonly string[]): Promise<void> {
    if (subject.kind === 'vehicle') return;
    for (const key of keys) await this.#care.forget(subject.personId, key);
  }
}
