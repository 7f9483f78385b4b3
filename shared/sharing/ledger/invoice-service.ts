import type { Caller } from '../../access/caller.ts';
import type { PersonId } from '../../access/person.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { SharingDoor } from '../setup/acting.ts';
import { requireOperator } from '../setup/known-operator.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { OperatorId, ReservationId } from '../sharing-id.ts';
import type { MyTripService } from '../trips/my-trip-service.ts';
import type { SettlementService } from '../trips/settlement-service.ts';
import type { LedgerDocument } from './document.ts';
import type { Recipient } from './issuer.ts';
import { invoiceNotFound, invoicingNotSetUp, nothingInvoiced, recipientMissing } from './ledger-refusals.ts';
import type { LedgerBook, RecipientBook } from './ledger-repository.ts';
import type { LedgerService } from './ledger-service.ts';

export interface InvoicePorts {
  readonly book: Pick<LedgerBook, 'document' | 'documentsOf'>;
  readonly recipients: RecipientBook;
  readonly ledger: Pick<LedgerService, 'tripSettled'>;
  readonly trips: Pick<MyTripService, 'require'>;
  readonly settlement: Pick<SettlementService, 'settle'>;
  readonly door: Pick<SharingDoor, 'operator'>;
  readonly setup: Pick<SharingSetup, 'operator'>;
}

interface Mine {
  readonly operatorId: OperatorId;
  readonly personId: PersonId;
}

/** Invoices and credit notes, for whom they are and for whoever issued them. */
export class InvoiceService {
  readonly #ports: InvoicePorts;

  constructor(ports: InvoicePorts) {
    this.#ports = ports;
  }

  async list({ operatorId, personId }: Mine, page: PageRequest): Promise<Page<LedgerDocument>> {
    const found = await this.#ports.book.documentsOf(operatorId, personId, page);
    if (found.items.length === 0) await requireOperator(this.#ports.setup, operatorId);
    return found;
  }

  async requireMine({ operatorId, personId }: Mine, number: string): Promise<LedgerDocument> {
    const document = await this.#ports.book.document(operatorId, number);
    const isTheirs = document?.debtor?.kind === 'person' && document.debtor.personId === personId;
    if (document === undefined || !isTheirs) throw invoiceNotFound();
    return document;
  }

  async require(caller: Caller, operatorId: OperatorId, number: string): Promise<LedgerDocument> {
    await this.#ports.door.operator(caller, operatorId);
    const document = await this.#ports.book.document(operatorId, number);
    if (document === undefined) throw invoiceNotFound();
    return document;
  }

  /**
   * That of a trip: the same, however often it is asked for; issued now where it waited.
   *
   * @throws Failure `invoicing-not-set-up`, `invoice-recipient-missing`, `nothing-to-invoice`
   */
  async ofTrip(mine: Mine, reservationId: ReservationId): Promise<LedgerDocument> {
    const { trips, settlement, ledger, book } = this.#ports;
    const { vehicleId, fence } = await trips.require(mine, reservationId);
    const trip = await settlement.settle({ vehicleId, fence });
    const kept = trip === undefined ? undefined : await ledger.tripSettled(trip);
    const [bill] = kept?.lines ?? [];
    if (kept === undefined || bill === undefined) throw nothingInvoiced('The trip is not settled, or costs nothing.');
    if (bill.supplier !== undefined) throw nothingInvoiced(`Its invoice is issued by ${bill.supplier.name}.`);
    if (bill.onAccountOf !== undefined) throw nothingInvoiced('It is in the monthly invoice of the business.');
    if (bill.partnerPays) throw nothingInvoiced('It is in the journal of the partner who booked it.');
    if (kept.lacks === 'invoicing') throw invoicingNotSetUp();
    if (kept.lacks === 'recipient') throw recipientMissing();
    const document = bill.document === undefined ? undefined : await book.document(mine.operatorId, bill.document);
    if (document === undefined) throw nothingInvoiced('The trip costs nothing.');
    return document;
  }

  recipient({ operatorId, personId }: Mine): Promise<Recipient | undefined> {
    return this.#ports.recipients.recipient(operatorId, personId);
  }

  /** For invoices that are issued from now on; those that were issued stay as they are. */
  async sayRecipient({ operatorId, personId }: Mine, recipient: Recipient): Promise<Recipient> {
    await requireOperator(this.#ports.setup, operatorId);
    await this.#ports.recipients.saveRecipient(operatorId, personId, recipient);
    return recipient;
  }
}
