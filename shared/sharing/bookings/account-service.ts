import type { Clock } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import { requireOperator } from '../setup/known-operator.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import { blocked, joined, left, type Papers, recheckDays, unblocked, verified } from './account.ts';
import { accountMissing } from './booking-refusals.ts';
import type { BookingRepository } from './booking-repository.ts';
import type { Claimant } from './booking-service.ts';
import type { Driver } from './driver.ts';

export interface AccountPorts {
  readonly bookings: BookingRepository;
  readonly setup: Pick<SharingSetup, 'operator'>;
  readonly clock: Clock;
}

/** A person's account with an operator: joined by themselves, verified and blocked by the operator. */
export class AccountService {
  readonly #ports: AccountPorts;

  constructor(ports: AccountPorts) {
    this.#ports = ports;
  }

  /** @throws Failure `not-found` (`account-not-found`) */
  async require({ operatorId, personId }: Claimant): Promise<Driver> {
    const driver = await this.#ports.bookings.driver(operatorId, personId);
    if (driver === undefined || driver.standing === 'left') throw accountMissing();
    return driver;
  }

  /** Joining again changes how they pay. */
  async join(
    claimant: Claimant,
    paymentMethod: string,
  ): Promise<{ readonly created: boolean; readonly driver: Driver }> {
    const { bookings, setup } = this.#ports;
    await requireOperator(setup, claimant.operatorId);
    return untilSaved(async () => {
      const seen = await bookings.driver(claimant.operatorId, claimant.personId);
      const driver = joined(seen, claimant, paymentMethod);
      const change = seen === undefined ? { next: driver } : { seen: seen.version, next: driver };
      const created = seen === undefined || seen.standing === 'left';
      return (await bookings.save({ driver: change })) ? { created, driver } : undefined;
    });
  }

  /** What was seen of their papers goes at once. Who is blocked stays blocked when they come back. */
  leave(claimant: Claimant): Promise<Driver> {
    return this.#changed(claimant, (driver) => left(driver, this.#ports.clock.now()));
  }

  async verify(claimant: Claimant, papers: Papers): Promise<Driver> {
    const { clock, setup } = this.#ports;
    const now = clock.now();
    if (Date.parse(papers.bornOn) > now) throw bornLater();
    const { licenceRecheckDays = recheckDays } = (await setup.operator(claimant.operatorId)) ?? {};
    return this.#changed(claimant, (driver) => verified(driver, papers, now + licenceRecheckDays * 86_400_000));
  }

  block(claimant: Claimant): Promise<Driver> {
    return this.#changed(claimant, blocked);
  }

  unblock(claimant: Claimant): Promise<Driver> {
    return this.#changed(claimant, unblocked);
  }

  async #changed(claimant: Claimant, decide: (driver: Driver) => Driver | undefined): Promise<Driver> {
    return untilSaved(async () => {
      const seen = await this.require(claimant);
      const next = decide(seen);
      if (next === undefined) return seen;
      return (await this.#ports.bookings.save({ driver: { seen: seen.version, next } })) ? next : undefined;
    });
  }
}

function bornLater(): Failure {
  return new Failure('invalid', 'invalid-body', 'The body is not valid.', {
    errors: [{ pointer: '/bornOn', detail: 'lies in the future' }],
  });
}
