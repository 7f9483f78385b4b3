import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '#shared/kernel/clock.ts';
import type { BookingRepository } from '#shared/sharing/bookings/booking-repository.ts';
import type { DueCalls } from '#shared/sharing/due/due.ts';
import { type ChargedPartners, ChargeService } from '#shared/sharing/ledger/charge-service.ts';
import { Debtors } from '#shared/sharing/ledger/debtors.ts';
import { LedgerService } from '#shared/sharing/ledger/ledger-service.ts';
import type { Payments } from '#shared/sharing/payments/payments.ts';
import type { SharingSetup } from '#shared/sharing/setup/setup-repository.ts';
import { DynamoBusinesses } from '../adapters/dynamo/businesses.ts';
import { DynamoCharges } from '../adapters/dynamo/charges.ts';
import { DynamoLedger } from '../adapters/dynamo/ledger.ts';

export interface LedgerNeeds {
  readonly client: DynamoDBDocumentClient;
  /** The Ledger table. */
  readonly table: string;
  readonly setup: Pick<SharingSetup, 'operator' | 'system'>;
  readonly bookings: Pick<BookingRepository, 'driver' | 'save'>;
  readonly payments: Payments;
  readonly partners: ChargedPartners;
  readonly due: DueCalls;
  readonly clock: Clock;
}

/** What everybody needs who moves money: the books, and charges. */
export function ledgerParts({ client, table, setup, bookings, payments, partners, due, clock }: LedgerNeeds) {
  const book = new DynamoLedger(client, table);
  const [chargeBook, businesses] = [new DynamoCharges(client, table), new DynamoBusinesses(client, table)];
  const ledger = new LedgerService({ book, recipients: book, businesses, setup, clock });
  const debtors = new Debtors({ bookings, businesses });
  const charges = new ChargeService({ charges: chargeBook, debtors, payments, partners, ledger, setup, due, clock });
  return { book, chargeBook, businesses, ledger, debtors, charges };
}
