import type { Charge, Reduction } from '../sharing/ledger/charge.ts';
import type { ChargedPartners } from '../sharing/ledger/charge-service.ts';
import type { PaymentBooks } from '../sharing/payments/sandbox-payments.ts';
import type { ReservationId } from '../sharing/sharing-id.ts';
import { type AccountBooks, enterOnce, type JournalCharge } from './account.ts';
import { accountOf } from './partner-payments.ts';

export interface PartnerChargePorts {
  readonly books: Pick<PaymentBooks, 'load'>;
  readonly accounts: AccountBooks;
}

/**
 * What is charged beside the trips of partners' customers: it stands in the partner's journal, and is owed as trips are,
 * whatever the limit. A fine has to be paid by somebody; what it leaves of the limit is for the next trips.
 */
export class PartnerCharges implements ChargedPartners {
  readonly #ports: PartnerChargePorts;

  constructor(ports: PartnerChargePorts) {
    this.#ports = ports;
  }

  /** Whoever paid for the use, which its book says also when nobody knows any more whose it was. */
  async payerOf(reservationId: ReservationId): Promise<string | undefined> {
    const book = await this.#ports.books.load(reservationId);
    return book === undefined ? undefined : accountOf(book)?.clientId;
  }

  async enter(charge: Charge, clientId: string, reduction?: Reduction): Promise<void> {
    const { chargeId, operatorId, currency, reservationId, kind, reason, amount, madeAt } = charge;
    if (reservationId === undefined || kind === 'business-month') throw new TypeError('A partner pays for uses alone');
    const name = { operatorId, clientId, currency };
    const of = (why: string): JournalCharge => ({ chargeId, kind, reason: why });
    await enterOnce(
      this.#ports.accounts,
      name,
      reduction === undefined
        ? { reservationId, kind: 'charge', id: chargeId, at: madeAt, amount, charge: of(reason) }
        : {
            ...{ reservationId, kind: 'refund', id: `${chargeId}-${reduction.id}`, at: reduction.at },
            ...{ amount: -reduction.amount, charge: of(reduction.reason) },
          },
    );
  }
}
