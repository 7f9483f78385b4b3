import { untilSaved } from '../../kernel/optimistic.ts';
import { partnerMethod } from '../../partners/partner-method.ts';
import type { BookingRepository } from '../bookings/booking-repository.ts';
import { tellDebt } from '../payments/debt-teller.ts';
import type { OpenDebt } from '../payments/payments.ts';
import type { OperatorId, Payable } from '../sharing-id.ts';
import type { BusinessRepository } from './business-repository.ts';
import type { Debtor } from './receivable.ts';

export interface DebtorPorts {
  readonly bookings: Pick<BookingRepository, 'driver' | 'save'>;
  readonly businesses: Pick<BusinessRepository, 'business' | 'saveBusiness'>;
}

/** Persons, businesses and partners, as far as they pay. */
export class Debtors {
  readonly #ports: DebtorPorts;

  constructor(ports: DebtorPorts) {
    this.#ports = ports;
  }

  /** Whether there is anybody, and how they pay; no method where they named none, or have left. */
  async find(operatorId: OperatorId, debtor: Debtor): Promise<{ readonly paymentMethod?: string } | undefined> {
    if (debtor.kind === 'business') return this.#ports.businesses.business(operatorId, debtor.businessId);
    if (debtor.kind === 'partner') return { paymentMethod: partnerMethod(operatorId, debtor.clientId) };
    const driver = await this.#ports.bookings.driver(operatorId, debtor.personId);
    if (driver === undefined) return undefined;
    return driver.paymentMethod === undefined ? {} : { paymentMethod: driver.paymentMethod };
  }

  /** @param present reads what is owed for it by now */
  async tell(
    operatorId: OperatorId,
    debtor: Debtor,
    payable: Payable,
    present: () => Promise<OpenDebt | undefined>,
  ): Promise<void> {
    if (debtor.kind === 'person') {
      return tellDebt(this.#ports.bookings, { operatorId, personId: debtor.personId, payable }, present);
    }
    // Their account says what they owe.
    if (debtor.kind === 'partner') return;
    const { businesses } = this.#ports;
    await untilSaved(async () => {
      const business = await businesses.business(operatorId, debtor.businessId);
      if (business === undefined) return true;
      const debt = await present();
      const others = business.debts.filter(({ reservationId }) => reservationId !== payable);
      const debts = debt === undefined ? others : [...others, debt];
      return (
        (await businesses.saveBusiness({ ...business, debts, version: business.version + 1 }, business.version)) ||
        undefined
      );
    });
  }
}
