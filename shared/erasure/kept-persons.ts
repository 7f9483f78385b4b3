import type { PersonId } from '../access/person.ts';
import { Failure } from '../kernel/failure.ts';
import { erasureIdOf } from './erasure.ts';
import type { ErasureRepository } from './erasure-repository.ts';

export interface KeptPersonsPorts {
  readonly erasures: Pick<ErasureRepository, 'load'>;
  readonly sha256: (text: string) => Uint8Array;
}

/** Knows who may be given something new: whoever has not asked for their erasure. */
export class KeptPersons {
  readonly #ports: KeptPersonsPorts;

  constructor(ports: KeptPersonsPorts) {
    this.#ports = ports;
  }

  /** Whoever asked for their erasure gets nothing new, though their token lives on for a while. */
  async requireKept(personId: PersonId): Promise<void> {
    const { erasures, sha256 } = this.#ports;
    if ((await erasures.load(erasureIdOf('person', personId, sha256))) === undefined) return;
    throw new Failure('conflict', 'person-erased', 'What is kept of you is being erased, or has been.', {
      resolution: 'GET /v1/me/erasure shows how far it is. Sign up anew to own a vehicle again.',
    });
  }
}
