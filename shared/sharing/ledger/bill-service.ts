import type { BookingRepository } from '../bookings/booking-repository.ts';
import { requireOperator } from '../setup/known-operator.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import { isChargeId, type OperatorId, type Payable } from '../sharing-id.ts';
import type { Customer } from '../trips/my-trip-service.ts';
import type { TripRepository } from '../trips/trip-repository.ts';
import type { ChargeRepository } from './charge-repository.ts';
import type { LedgerLine } from './ledger-line.ts';
import type { LedgerBook } from './ledger-repository.ts';
import { type BillParty, type BillSubject, billTotals, invoiceOf, type MonthBill } from './month-bill.ts';

export interface BillPorts {
  readonly book: Pick<LedgerBook, 'linesOf'>;
  readonly trips: Pick<TripRepository, 'ofReservation'>;
  readonly charges: Pick<ChargeRepository, 'charge'>;
  readonly bookings: Pick<BookingRepository, 'driver'>;
  readonly setup: Pick<SharingSetup, 'operator'>;
}

/** One bill a month for all that a person used, whosever it was. */
export class BillService {
  readonly #ports: BillPorts;

  constructor(ports: BillPorts) {
    this.#ports = ports;
  }

  /** @throws Failure `operator-not-found` */
  async month(customer: Customer, month: string): Promise<MonthBill> {
    const { bookings } = this.#ports;
    const { operatorId, personId } = customer;
    const provider = await this.#provider(operatorId);
    const [lines, driver] = await Promise.all([this.#lines(customer, month), bookings.driver(operatorId, personId)]);
    const payables = [...new Set(lines.map(({ payable }) => payable))];
    const found = await Promise.all(payables.map((payable) => this.#subject(customer, payable)));
    const subjects = new Map(payables.map((payable, place) => [payable, found[place]]));
    const entries = lines.map((line) => {
      const about = subjects.get(line.payable);
      const supplier = line.supplier === undefined ? provider : partyOf(line.supplier);
      return { line, supplier, invoice: invoiceOf(line), ...(about !== undefined && { about }) };
    });
    return { month, provider, entries, totals: billTotals(lines, driver?.debts ?? []) };
  }

  async #provider(operatorId: OperatorId): Promise<BillParty> {
    const { name, invoicing } = await requireOperator(this.#ports.setup, operatorId);
    return invoicing === undefined ? { name } : { name: invoicing.legalName, taxId: invoicing.vatId };
  }

  async #lines({ operatorId, personId }: Customer, month: string): Promise<readonly LedgerLine[]> {
    const lines: LedgerLine[] = [];
    let from: string | undefined;
    do {
      const page = { limit: 100, ...(from !== undefined && { from }) };
      const { items, next } = await this.#ports.book.linesOf(operatorId, personId, month, page);
      lines.push(...items);
      from = next;
    } while (from !== undefined);
    return lines;
  }

  async #subject({ personId }: Customer, payable: Payable): Promise<BillSubject | undefined> {
    const { trips, charges } = this.#ports;
    if (isChargeId(payable)) {
      const charge = await charges.charge(payable);
      return charge && { kind: 'charge', chargeKind: charge.kind, reason: charge.reason };
    }
    const trip = await trips.ofReservation(personId, payable);
    if (trip === undefined) return undefined;
    const { systemId, vehicleTypeId, course, verdict } = trip;
    const endedAt = (verdict?.kind === 'settle' ? verdict.endedAt : undefined) ?? course?.end?.at;
    return {
      ...{ kind: 'trip', systemId, vehicleTypeId },
      ...(course !== undefined && { startedAt: course.start.at }),
      ...(endedAt !== undefined && { endedAt }),
    };
  }
}

function partyOf({ name, taxId }: BillParty): BillParty {
  return taxId === undefined ? { name } : { name, taxId };
}
