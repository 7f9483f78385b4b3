import { actsFor, type Caller, requireEveryBrand } from '../access/caller.ts';
import type { Operation } from '../access/idempotent-operation.ts';
import type { Person, PersonId } from '../access/person.ts';
import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { Brand } from '../registry/brand.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { VehicleService } from '../registry/vehicle-service.ts';
import { begun, type Erasure, type ErasureId, erasureIdOf, nextErasureId } from './erasure.ts';
import type { ErasureProof } from './erasure-proof.ts';
import type { ErasureRepository, ErasureTimer, ProofArchive } from './erasure-repository.ts';
import { requireNothingInUse, type SharingErasure } from './sharing-step.ts';

export interface ErasurePorts {
  readonly vehicles: VehicleService;
  readonly erasures: ErasureRepository;
  readonly proofs: ProofArchive;
  readonly timer: ErasureTimer;
  readonly clock: Clock;
  /** Every brand of this deployment. */
  readonly brands: readonly Brand[];
  readonly sha256: (text: string) => Uint8Array;
  readonly sharing: Pick<SharingErasure, 'accountsOf'>;
}

export interface KnownErasure {
  readonly erasure: Erasure;
  /** As soon as it is done. */
  readonly proof?: ErasureProof;
  readonly isNew: boolean;
}

/** The sign-in of whoever has themselves erased is at most so old. */
const freshness = 10 * 60_000;
const day = 86_400_000;

type Leaver = Pick<Person, 'personId' | 'signedInAt'>;

/** Asks for erasures and shows what became of them. */
export class ErasureService {
  readonly #ports: ErasurePorts;

  constructor(ports: ErasurePorts) {
    this.#ports = ports;
  }

  /** The erasure that there is, or a new one: of a retired vehicle alone, since others still connect. */
  async ofVehicle(caller: Caller, vehicleId: VehicleId, { operationId }: Operation): Promise<KnownErasure> {
    const erasureId = this.#idOf('vehicle', vehicleId);
    const known = await this.#ports.erasures.load(erasureId);
    if (known !== undefined) return this.#again(permitted(caller, known, this.#ports.brands));
    const { lifeCycle, brand } = await this.#ports.vehicles.require(caller, vehicleId);
    if (lifeCycle.status !== 'retired') throw notRetired(lifeCycle.status);
    const actor = { kind: 'client', id: caller.clientId } as const;
    const subject = { kind: 'vehicle', vehicleId, brand } as const;
    return this.#begin(begun({ erasureId, subject, actor, requestId: operationId }, this.#ports.clock.now()));
  }

  /** Throws where the client may have nothing to do with persons. */
  permitPersons(caller: Caller): void {
    requireEveryBrand(caller, this.#ports.brands);
  }

  /** Whether there is such a person is not asked: what is left of somebody without an account is erased as well. */
  ofPerson(caller: Caller, personId: PersonId, operation: Operation): Promise<KnownErasure> {
    this.permitPersons(caller);
    return this.#person(personId, { kind: 'client', id: caller.clientId }, operation);
  }

  /** Nothing brings back what this takes: a token that somebody has found or stolen is not enough. */
  async ofMyself({ personId, signedInAt }: Leaver, operation: Operation): Promise<KnownErasure> {
    if (this.#ports.clock.now() - signedInAt > freshness) throw signInTooOld();
    return this.#person(personId, { kind: 'person', id: personId }, operation);
  }

  async get(caller: Caller, erasureId: ErasureId): Promise<KnownErasure> {
    const erasure = await this.#ports.erasures.load(erasureId);
    if (erasure === undefined) throw notFound();
    return this.#shown(permitted(caller, erasure, this.#ports.brands));
  }

  async mine(personId: PersonId): Promise<KnownErasure> {
    const { known } = await this.#lastOf(personId);
    if (known === undefined) throw notFound();
    return this.#shown(known);
  }

  async #person(personId: PersonId, actor: Erasure['actor'], { operationId }: Operation): Promise<KnownErasure> {
    const { known, nextId: erasureId } = await this.#lastOf(personId);
    if (known !== undefined && !(await this.#isPast(known, personId))) return this.#again(known);
    await requireNothingInUse(this.#ports.sharing, personId);
    const subject = { kind: 'person', personId } as const;
    return this.#begin(begun({ erasureId, subject, actor, requestId: operationId }, this.#ports.clock.now()));
  }

  /** The latest, and how the one after it is called: the same for all who ask at once. */
  async #lastOf(personId: PersonId): Promise<{ readonly known?: Erasure; readonly nextId: ErasureId }> {
    const { erasures, sha256 } = this.#ports;
    let nextId = this.#idOf('person', personId);
    for (let known: Erasure | undefined; ; nextId = nextErasureId(nextId, sha256)) {
      const next = await erasures.load(nextId);
      if (next === undefined) return { ...(known !== undefined && { known }), nextId };
      known = next;
    }
  }

  /**
   * Whom a partner calls as before has an account again (who signs up anew is somebody else), or what was owed is paid
   * by now. Who asks within the day asks for the proof.
   */
  async #isPast({ state, erasureId }: Erasure, personId: PersonId): Promise<boolean> {
    const { proofs, sharing, clock } = this.#ports;
    if (state.status !== 'done') return false;
    const proof = await proofs.load(erasureId);
    if (proof !== undefined && clock.now() - proof.doneAt > day) return true;
    return (await sharing.accountsOf(personId)).length > 0;
  }

  async #begin(erasure: Erasure): Promise<KnownErasure> {
    const { erasures, timer, clock } = this.#ports;
    const { erasureId } = erasure;
    const isNew = await erasures.begin(erasure);
    // Where this is lost, the next one who asks calls the worker again.
    await timer.wake(erasureId, clock.now(), clock.now());
    return { erasure: (await erasures.load(erasureId)) ?? erasure, isNew };
  }

  /** Asked again: the worker is called, in case that its last call was lost or it had given up. */
  async #again(known: Erasure): Promise<KnownErasure> {
    const { erasures, timer, clock } = this.#ports;
    if (known.state.status === 'done') return this.#shown(known);
    const { erasureId } = known;
    const erasure = await untilSaved(async () => {
      const seen = (await erasures.load(erasureId)) ?? known;
      if (seen.stuckSince === undefined) return seen;
      const { stuckSince: _, ...rest } = seen;
      const next = { ...rest, version: seen.version + 1 };
      return (await erasures.save(next, seen.version)) ? next : undefined;
    });
    await timer.wake(erasureId, clock.now(), clock.now());
    return { erasure, isNew: false };
  }

  async #shown(erasure: Erasure): Promise<KnownErasure> {
    const proof = erasure.state.status === 'done' ? await this.#ports.proofs.load(erasure.erasureId) : undefined;
    return { erasure, isNew: false, ...(proof !== undefined && { proof }) };
  }

  #idOf(kind: 'vehicle' | 'person', id: string): ErasureId {
    return erasureIdOf(kind, id, this.#ports.sha256);
  }
}

/** Whose brand it is not, and who asks for a person without acting for every brand, finds nothing. */
function permitted(caller: Caller, erasure: Erasure, brands: readonly Brand[]): Erasure {
  const { subject } = erasure;
  const needed = subject.kind === 'vehicle' ? [subject.brand] : brands;
  if (needed.every((brand) => actsFor(caller, brand))) return erasure;
  throw notFound();
}

function notFound(): Failure {
  return new Failure('not-found', 'erasure-not-found', 'There is no such erasure.');
}

function signInTooOld(): Failure {
  return new Failure('forbidden', 'sign-in-too-old', 'The sign-in behind this token is more than ten minutes old.', {
    resolution:
      'Let the person sign in again (prompt=login), and ask with that token: nothing brings back what is erased.',
  });
}

function notRetired(status: string): Failure {
  return new Failure('conflict', 'vehicle-not-retired', `The vehicle is ${status}: only a retired one is erased.`, {
    resolution: 'Retire it first (POST /v1/vehicles/{vehicleId}/retire): retirement is final and cuts it off.',
  });
}
