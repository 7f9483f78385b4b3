import { createHash, randomBytes } from 'node:crypto';
import { base32 } from '#shared/kernel/base32.ts';
import { BillService } from '#shared/sharing/ledger/bill-service.ts';
import { BusinessMonthService } from '#shared/sharing/ledger/business-month-service.ts';
import { BusinessReceiptService } from '#shared/sharing/ledger/business-receipt-service.ts';
import { BusinessService } from '#shared/sharing/ledger/business-service.ts';
import { ChargeDesk } from '#shared/sharing/ledger/charge-desk.ts';
import { FineService } from '#shared/sharing/ledger/fine-service.ts';
import { InvoiceService } from '#shared/sharing/ledger/invoice-service.ts';
import { MonthService } from '#shared/sharing/ledger/month-service.ts';
import { WhoDrove } from '#shared/sharing/ledger/who-drove.ts';
import type { SharingDoor } from '#shared/sharing/setup/acting.ts';
import type { MyTripService } from '#shared/sharing/trips/my-trip-service.ts';
import type { SettlementService } from '#shared/sharing/trips/settlement-service.ts';
import type { TripRepository } from '#shared/sharing/trips/trip-repository.ts';
import type { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import type { LedgerNeeds, ledgerParts } from './ledger.ts';

interface DeskNeeds extends Omit<LedgerNeeds, 'setup' | 'partners'> {
  readonly parts: ReturnType<typeof ledgerParts>;
  readonly setup: DynamoSharingSetup;
  readonly door: SharingDoor;
  readonly trips: TripRepository;
  readonly settlement: SettlementService;
  readonly myTrips: MyTripService;
}

/** What the API's routes of invoices, charges, businesses and accounts call. */
export function ledgerServices({ parts, setup, bookings, door, trips, settlement, myTrips, due, clock }: DeskNeeds) {
  const { book, chargeBook, businesses: businessBook, ledger, debtors, charges } = parts;
  const businesses = new BusinessService({ businesses: businessBook, door, clock, hash, newCode });
  return {
    invoices: new InvoiceService({ book, recipients: book, ledger, trips: myTrips, settlement, door, setup }),
    bills: new BillService({ book, trips, charges: chargeBook, bookings, setup }),
    chargeDesk: new ChargeDesk({ charges: chargeBook, service: charges, trips, debtors, door, setup, due, clock }),
    fines: new FineService({
      charges: chargeBook,
      service: charges,
      whoDrove: new WhoDrove(trips),
      door,
      setup,
      clock,
    }),
    accountMonths: new MonthService({ book, door }),
    businesses,
    businessMonths: new BusinessMonthService({
      ...{ businesses: businessBook, accounts: businesses, charges, chargeBook, setup, clock },
    }),
    businessReceipts: new BusinessReceiptService({
      ...{ businesses: businessBook, accounts: businesses, charges, chargeBook, due, clock },
    }),
  };
}

function newCode(): string {
  return base32(randomBytes(13), 20);
}

function hash(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
