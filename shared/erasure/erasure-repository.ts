import type { Instant } from '../kernel/clock.ts';
import type { Erasure, ErasureId, ErasureSubject } from './erasure.ts';
import type { ErasureProof } from './erasure-proof.ts';

export interface ErasureRepository {
  load(erasureId: ErasureId): Promise<Erasure | undefined>;
  /** False when it was asked for before. */
  begin(erasure: Erasure): Promise<boolean>;
  /** False when somebody else has worked on it since version `seen`. */
  save(erasure: Erasure, seen: number): Promise<boolean>;
}

export interface ProofArchive {
  /** The proof that stands: this one, or the one that was there. */
  keep(proof: ErasureProof): Promise<ErasureProof>;
  load(erasureId: ErasureId): Promise<ErasureProof | undefined>;
}

/** Calls the worker. */
export interface ErasureTimer {
  /** At least once, not before `at` where it is near, early where the timer waits no longer. */
  wake(erasureId: ErasureId, at: Instant, now: Instant): Promise<void>;
}

/** `DataErased`, for whoever keeps copies. */
export interface ErasureEvents {
  announce(erasureId: ErasureId, subject: ErasureSubject, at: Instant): Promise<void>;
}
