import { deepEqual, equal } from 'node:assert/strict';
import { partnerMethod } from '#shared/partners/partner-method.ts';
import { isTraveller } from '#shared/partners/traveller-id.ts';
import type { BusinessMonth } from '#shared/sharing/ledger/business.ts';
import type { Charge } from '#shared/sharing/ledger/charge.ts';
import { added, type Sums, sumOf, sumsOfLine } from '#shared/sharing/ledger/day-sums.ts';
import { monthOf } from '#shared/sharing/ledger/ledger-line.ts';
import { monthAccounts } from '#shared/sharing/ledger/month-account.ts';
import { totalOf } from '#shared/sharing/ledger/tax-share.ts';
import { balance } from '#shared/sharing/payments/payment-book.ts';
import { dayIn } from '#shared/sharing/setup/local-day.ts';
import type { Payable } from '#shared/sharing/sharing-id.ts';
import type { Trip } from '#shared/sharing/trips/trip.ts';
import type { MemoryAccounts } from './memory-packages.ts';
import { sampleOperator, sampleSystem } from './sharing-city.ts';
import type { TripScene } from './trip-scene.ts';

const { operatorId } = sampleOperator;

/** Holds the books against what others are asked for, or are owed: businesses, partners who book, partners who rent out. */
export class OutsideAccountant {
  readonly #scene: TripScene;
  readonly #accounts: MemoryAccounts;

  constructor(scene: TripScene, accounts: MemoryAccounts) {
    this.#scene = scene;
    this.#accounts = accounts;
  }

  async judge(trips: readonly Trip[], months: readonly string[], clientId: string): Promise<void> {
    const billed = trips.filter(({ state }) => state.status === 'settled' && state.waived !== true);
    await this.#businesses(billed);
    await this.#journal(billed, clientId);
    await this.#suppliers(billed, months);
  }

  /**
   * Each use once in the months of its business, less what was given back; what was invoiced is what was used, and what was
   * taken, came by transfer, is owed or was credited.
   */
  async #businesses(trips: readonly Trip[]): Promise<void> {
    const { ledgerBook, books } = this.#scene;
    for (const trip of trips.filter(({ billTo }) => billTo !== undefined)) {
      const entries = ledgerBook.accountEntries.filter(({ payable }) => payable === trip.reservationId);
      equal(sum(entries.map(({ gross }) => gross)), costOf(trip));
      equal(await books.load(trip.reservationId), undefined);
    }
    const months = [...ledgerBook.allMonths.values()];
    for (const month of months) this.#month(month, months);
    const charges = [...ledgerBook.allCharges.values()].filter(({ kind }) => kind === 'business-month');
    deepEqual(nonzero(total(months.map(({ sums }) => sums))), nonzero(total([...charges.map(asked), ...open(months)])));
    for (const { businessId, closed } of months) {
      if (closed === undefined || 'carriedTo' in closed) continue;
      const { chargeId } = closed;
      const charge = await ledgerBook.charge(chargeId);
      const [invoiced, credited] = ['invoice', 'credit-note'].map((kind) => {
        const documents = ledgerBook.documents.filter((one) => one.payable === chargeId && one.kind === kind);
        return sum(documents.map(({ shares }) => totalOf(shares).gross));
      });
      equal(invoiced, charge?.amount);
      const business = await ledgerBook.business(operatorId, businessId);
      const debts = (business?.debts ?? []).filter(({ reservationId }) => reservationId === chargeId);
      const transfers = [...ledgerBook.allLines.values()].filter(
        ({ payable, transfer }) => payable === chargeId && transfer !== undefined,
      );
      const came = sum(transfers.map(({ amount }) => amount));
      equal(came, sum((charge?.receipts ?? []).map(({ amount }) => amount)));
      const owed = sum(debts.map(({ amount }) => amount));
      equal((await this.#held(chargeId)) + came + owed, (invoiced ?? 0) - (credited ?? 0));
    }
  }

  /** It says what its entries and those carried into it say; whoever was asked for every month that is over owes no other. */
  #month({ businessId, month, sums, carried = {}, closed }: BusinessMonth, months: readonly BusinessMonth[]): void {
    const { ledgerBook, clock } = this.#scene;
    const entries = ledgerBook.accountEntries.filter((one) => one.month === month && one.businessId === businessId);
    equal(sum(Object.values(sums)), sum(entries.map(({ gross }) => gross)));
    const before = months.filter((one) => one.closed && 'carriedTo' in one.closed && one.closed.carriedTo === month);
    deepEqual(nonzero(carried), nonzero(total(before.flatMap((one) => [one.sums, one.carried ?? {}]))));
    const isOver = month < monthOf(dayIn(sampleSystem.timeZone, clock.now()));
    if (isOver && closed === undefined) deepEqual(nonzero(added(sums, carried)), {});
  }

  /** What a partner owes is what its customers' uses cost, and what they were charged beside them; so say the books. */
  async #journal(trips: readonly Trip[], clientId: string): Promise<void> {
    const name = { operatorId, clientId, currency: 'EUR' };
    const entries = this.#accounts.entriesOf(name);
    const owed = sum(entries.map(({ amount }) => amount));
    equal((await this.#accounts.load(name))?.owed ?? 0, owed);
    const { ledgerBook } = this.#scene;
    const lines = [...ledgerBook.allLines.values()].filter(({ partnerPays }) => partnerPays);
    const columns = lines.map(sumsOfLine);
    const booked = columns.map((sums) => sumOf(sums, 'onPartners') - sumOf(sums, 'onPartnersCredited'));
    equal(sum(booked), owed);
    for (const trip of trips.filter(({ personId }) => isTraveller(personId))) {
      const fares = entries.filter((one) => one.reservationId === trip.reservationId && one.charge === undefined);
      equal(sum(fares.map(({ amount }) => amount)), costOf(trip));
      equal(await this.#held(trip.reservationId), costOf(trip));
    }
    for (const charge of ledgerBook.allCharges.values()) {
      if (charge.debtor.kind !== 'partner') continue;
      const its = entries.filter((one) => one.charge?.chargeId === charge.chargeId);
      equal(sum(its.map(({ amount }) => amount)), charge.amount - sum(charge.reductions.map(({ amount }) => amount)));
      deepEqual(await this.#scene.books.load(charge.chargeId), undefined);
    }
    // It is no person's way to pay.
    const methods = [...ledgerBook.allCharges.values()].filter(({ debtor }) => debtor.kind === 'person');
    for (const { payment } of methods) {
      if (payment.kind === 'collecting') equal(payment.paymentMethod === partnerMethod(operatorId, clientId), false);
    }
  }

  /** What is to be passed on is what was taken for them, less what was given back. */
  async #suppliers(trips: readonly Trip[], months: readonly string[]): Promise<void> {
    const { ledgerBook } = this.#scene;
    const theirs = trips.filter(({ partner }) => partner !== undefined);
    const held = await Promise.all(theirs.map(({ reservationId }) => this.#held(reservationId)));
    const suppliers = (await Promise.all(months.map((month) => ledgerBook.sums(operatorId, month)))).flatMap((days) =>
      monthAccounts(days).flatMap((account) => account.suppliers),
    );
    equal(sum(suppliers.map(({ toPassOn }) => toPassOn)), sum(held));
    equal(sum(suppliers.map(({ sums }) => sums['billed'] ?? 0)), sum(theirs.map(({ bill }) => bill?.total ?? 0)));
    equal(sum(suppliers.map(({ sums }) => sums['trips'] ?? 0)), theirs.length);
  }

  async #held(payable: Payable): Promise<number> {
    const book = await this.#scene.books.load(payable);
    return book === undefined ? 0 : balance(book);
  }
}

/** What a business was asked for, in the columns of its months. */
function asked({ lines }: Charge): Sums {
  return total(lines.map(({ costCentre = '-', rate = 'none', amount }) => ({ [`${costCentre} ${rate}`]: amount })));
}

/** What it is not asked for yet. */
function open(months: readonly BusinessMonth[]): readonly Sums[] {
  return months.filter(({ closed }) => closed === undefined).flatMap(({ sums, carried = {} }) => [sums, carried]);
}

function total(all: readonly Sums[]): Sums {
  return all.reduce(added, {});
}

function nonzero(sums: Sums): Sums {
  return Object.fromEntries(Object.entries(sums).filter(([, amount]) => amount !== 0));
}

/** What a use came to, once what was given back is taken off. */
function costOf({ bill, refunds }: Trip): number {
  const given = refunds.filter(({ status }) => status === 'refunded');
  return (bill?.total ?? 0) - sum(given.map(({ amount }) => amount));
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((all, one) => all + one, 0);
}
