import type { Operation } from '../access/idempotent-operation.ts';
import type { Person } from '../access/person.ts';
import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { SharedFleet } from '../ota/campaigns/shared-fleet.ts';
import type { Vehicle } from '../registry/vehicle.ts';
import { type VehicleId, vehicleIdOf } from '../registry/vehicle-id.ts';
import type { VehicleRepository } from '../registry/vehicle-repository.ts';
import type { Vin } from '../registry/vin.ts';
import type { ClaimCode, CodeText, SealedCode } from './claim-code.ts';
import { type ClaimFacts, claimed, type Ownership, type Step } from './ownership.ts';
import type { ClaimCodeRepository, ClaimTries, OwnershipRepository } from './ownership-repository.ts';

/** Keeps a code without knowing it. */
export interface CodeSeal {
  /** Slow on purpose, and salted: whoever reads the table has not read the codes. */
  seal(vehicleId: VehicleId, code: CodeText): Promise<SealedCode>;
  /** Takes the same time whatever the answer. */
  opens(code: CodeText, sealed: SealedCode): Promise<boolean>;
}

export interface ClaimPorts {
  readonly vehicles: Pick<VehicleRepository, 'load' | 'findByVin'>;
  readonly ownerships: OwnershipRepository;
  readonly codes: ClaimCodeRepository;
  readonly tries: ClaimTries;
  readonly seal: CodeSeal;
  /** Whoever rents a car sees its screen, too. */
  readonly shared: SharedFleet;
  readonly clock: Clock;
  readonly digest: (text: string) => string;
}

export type ClaimTarget = { readonly vehicleId: VehicleId } | { readonly vin: Vin };

/** Whoever sprays codes over vehicles gets this far. */
const triesPerPerson = { most: 60, window: 3_600_000 };
/** As often as the code itself admits, so that a vehicle that does not exist answers like one that does. */
const triesPerTarget = { most: 5, window: 600_000 };

/** Makes a person the owner of the vehicle whose code they read from its screen. */
export class ClaimService {
  readonly #ports: ClaimPorts;

  constructor(ports: ClaimPorts) {
    this.#ports = ports;
  }

  /** `created` is false where the vehicle was the person's before. */
  async claim(person: Person, target: ClaimTarget, code: CodeText, { operationId: changeId }: Operation) {
    const vehicle = await this.#find(target);
    const vehicleId = vehicle?.vehicleId ?? decoyOf(target);
    const known = await this.#ports.ownerships.load(vehicleId);
    if (vehicle !== undefined && known?.owner?.personId === person.personId) {
      return { created: known.owner.changeId === changeId, ownership: known, vehicle };
    }
    const { revision: codeRevision, claimable } = await this.#proven(person, target, vehicleId, code, vehicle);
    const facts = { vehicleId, brand: claimable.brand, personId: person.personId, changeId, codeRevision };
    return { ...(await untilSaved(() => this.#take(facts))), vehicle: claimable };
  }

  /** Whose answer is given again must still be the owner. */
  async find(target: ClaimTarget): Promise<VehicleId | undefined> {
    return (await this.#find(target))?.vehicleId;
  }

  /**
   * Throws unless this is the code of this vehicle. Whatever is wrong, the steps are the same ones: nobody learns from
   * answer or time whether there is such a vehicle, shows a code, or has an owner.
   */
  async #proven(
    { personId }: Person,
    target: ClaimTarget,
    vehicleId: VehicleId,
    text: CodeText,
    vehicle: Vehicle | undefined,
  ): Promise<{ readonly revision: number; readonly claimable: Vehicle }> {
    const { codes, tries, seal, shared, clock, digest } = this.#ports;
    const retryAt = await tries.take(personId, 'all', triesPerPerson, clock.now());
    if (retryAt !== undefined) throw tooManyClaims(retryAt - clock.now());
    const code = (await codes.load(vehicleId)) ?? decoyCode(vehicleId);
    const subject = `${digest(JSON.stringify(target))}#${code.revision}`;
    const spent = (await tries.take(personId, subject, triesPerTarget, clock.now())) !== undefined;
    if (spent) throw exhausted();
    // Counted before it is compared, so that a hundred tries at once are still five.
    const counted = await codes.takeTry(code, clock.now());
    const right = await seal.opens(text, code);
    if (!right || vehicle === undefined) throw wrong();
    // From here on the person has seen the screen.
    if (code.validUntil <= clock.now()) throw expired();
    if (!counted) throw exhausted();
    requireActive(vehicle);
    if ((await shared.among([vehicleId])).has(vehicleId)) throw isShared();
    return { revision: code.revision, claimable: vehicle };
  }

  async #take(facts: ClaimFacts): Promise<{ created: boolean; ownership: Ownership } | undefined> {
    const { ownerships, codes, clock } = this.#ports;
    const seen = await ownerships.load(facts.vehicleId);
    const step: Step | undefined = claimed(seen, facts, clock.now());
    if (step === undefined) return seen && { created: seen.owner?.changeId === facts.changeId, ownership: seen };
    if (await ownerships.save(step)) return { created: true, ownership: step.next };
    // Somebody was faster, or the vehicle shows another code by now: then nothing is left to claim with.
    const code = await codes.load(facts.vehicleId);
    const fresh = await ownerships.load(facts.vehicleId);
    if (code?.revision !== facts.codeRevision && fresh?.owner === undefined) throw wrong();
    return undefined;
  }

  async #find(target: ClaimTarget): Promise<Vehicle | undefined> {
    const { vehicles } = this.#ports;
    return 'vin' in target ? vehicles.findByVin(target.vin) : vehicles.load(target.vehicleId);
  }
}

function requireActive({ lifeCycle: { status } }: Vehicle): void {
  if (status === 'active') return;
  throw new Failure('conflict', `vehicle-${status}`, `The vehicle is ${status} and cannot be claimed.`, {
    resolution: 'Ask the maker of the vehicle.',
  });
}

function isShared(): Failure {
  return new Failure('conflict', 'vehicle-shared', 'The vehicle serves in a sharing fleet and cannot be claimed.', {
    resolution: 'Its operator decommissions it before it is sold.',
  });
}

/** A vehicle that nobody is: an id is 20 random characters. */
const nobody = vehicleIdOf('a'.repeat(20));

function decoyOf(target: ClaimTarget): VehicleId {
  return 'vin' in target ? nobody : target.vehicleId;
}

/** What a code is compared with where there is none. */
function decoyCode(vehicleId: VehicleId): ClaimCode {
  return {
    ...{
      vehicleId,
      revision: 0,
      requestId: '',
      published: true,
      validUntil: 0,
      triesLeft: 0,
      made: 0,
      windowEndsAt: 0,
    },
    ...{ hash: '', salt: '' },
  };
}

function wrong(): Failure {
  return new Failure('forbidden', 'claim-code-wrong', 'This is not the code of this vehicle.', {
    resolution: 'Compare vehicle and code with the screen; a new code can be shown at any time.',
    errors: [{ pointer: '/code', detail: 'does not belong to this vehicle' }],
  });
}

function expired(): Failure {
  return new Failure('forbidden', 'claim-code-expired', 'The code was valid for ten minutes, which are over.', {
    resolution: 'Let the vehicle show a new code.',
    errors: [{ pointer: '/code', detail: 'is too old' }],
  });
}

function exhausted(): Failure {
  return new Failure('forbidden', 'claim-code-exhausted', 'The code was tried five times and is void.', {
    resolution: 'Let the vehicle show a new code.',
    errors: [{ pointer: '/code', detail: 'was tried too often' }],
  });
}

function tooManyClaims(forMs: number): Failure {
  return new Failure('throttled', 'too-many-claims', 'You have tried to claim vehicles too often.', {
    resolution: 'Wait, and compare the code with the screen of the vehicle.',
    retryAfter: Math.max(1, Math.ceil(forMs / 1000)),
  });
}
