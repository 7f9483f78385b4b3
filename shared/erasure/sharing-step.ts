import type { PersonId } from '../access/person.ts';
import { Failure } from '../kernel/failure.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { Erasure } from './erasure.ts';
import type { ErasureStep, Found } from './erasure-work.ts';

/** A person's account with an operator. */
export interface SharingUse {
  readonly operatorId: string;
  /** They hold or drive one of its vehicles. */
  readonly inUse: boolean;
}

export interface TripsFound {
  /** Opaque, each without a space at its ends. */
  readonly trips: readonly string[];
  readonly next?: string;
}

/** What sharing keeps, as far as it is personal. Each call may be repeated. */
export interface SharingErasure {
  accountsOf(personId: PersonId): Promise<readonly SharingUse[]>;
  forgetAccount(personId: PersonId, operatorId: string): Promise<void>;
  /** Those that are over and paid for: what is owed or disputed is a claim, and stays. */
  tripsOf(personId: PersonId, after: string | undefined, limit: number): Promise<TripsFound>;
  /** The bill stays, without person and places; of what cities were told, where it was to a kilometre. */
  forgetTrip(personId: PersonId, trip: string): Promise<void>;
  /** What the vehicle wrote into its log, and its moves as cities are told of them: where it was, and when. */
  vehicleLines(
    vehicleId: VehicleId,
    after: string | undefined,
    limit: number,
  ): Promise<{ readonly keys: readonly string[]; readonly next?: string }>;
  forgetLines(vehicleId: VehicleId, keys: readonly string[]): Promise<void>;
}

const slice = 25;
const accountPrefix = 'account ';
const tripPrefix = 'trip ';
/** Accounts come first: who has none books nothing meanwhile. */
const firstTrips = 'trips';

/** Accounts with operators, and trips. */
export class SharingStep implements ErasureStep {
  readonly category = 'sharing';
  readonly where = 'Bookings and Trips';
  readonly #sharing: SharingErasure;

  constructor(sharing: SharingErasure) {
    this.#sharing = sharing;
  }

  async find({ subject }: Erasure, after: string | undefined): Promise<Found> {
    if (subject.kind === 'vehicle') return this.#sharing.vehicleLines(subject.vehicleId, after, 100);
    const { personId } = subject;
    if (after === undefined) {
      const accounts = await this.#sharing.accountsOf(personId);
      return { keys: accounts.map(({ operatorId }) => `${accountPrefix}${operatorId}`), next: firstTrips };
    }
    const from = after === firstTrips ? undefined : after;
    const { trips, next } = await this.#sharing.tripsOf(personId, from, slice);
    return { keys: trips.map((trip) => `${tripPrefix}${trip}`), ...(next !== undefined && { next }) };
  }

  async erase({ subject }: Erasure, keys: readonly string[]): Promise<void> {
    if (subject.kind === 'vehicle') return this.#sharing.forgetLines(subject.vehicleId, keys);
    for (const key of keys) {
      if (key.startsWith(tripPrefix)) {
        await this.#sharing.forgetTrip(subject.personId, key.slice(tripPrefix.length));
      } else {
        await this.#sharing.forgetAccount(subject.personId, key.slice(accountPrefix.length));
      }
    }
  }
}

/** Who has a vehicle of an operator at this moment gives it back first. */
export async function requireNothingInUse(
  sharing: Pick<SharingErasure, 'accountsOf'>,
  personId: PersonId,
): Promise<void> {
  const uses = await sharing.accountsOf(personId);
  if (!uses.some(({ inUse }) => inUse)) return;
  throw new Failure('conflict', 'shared-vehicle-in-use', 'There is a shared vehicle that is held or driven.', {
    resolution: 'Cancel the reservation or end the trip, then ask again.',
  });
}
