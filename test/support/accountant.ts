import { deepEqual, equal, ok } from 'node:assert/strict';
import { isPersonId } from '#shared/access/person.ts';
import { isTraveller } from '#shared/partners/traveller-id.ts';
import type { Charge } from '#shared/sharing/ledger/charge.ts';
import type { LedgerDocument } from '#shared/sharing/ledger/document.ts';
import { monthAccounts } from '#shared/sharing/ledger/month-account.ts';
import type { BillTotals } from '#shared/sharing/ledger/month-bill.ts';
import { sumsOfLines } from '#shared/sharing/ledger/month-service.ts';
import { totalOf } from '#shared/sharing/ledger/tax-share.ts';
import { balance } from '#shared/sharing/payments/payment-book.ts';
import type { Payable } from '#shared/sharing/sharing-id.ts';
import type { Trip } from '#shared/sharing/trips/trip.ts';
import { sampleOperator } from './sharing-city.ts';
import type { TripScene } from './trip-scene.ts';

const { operatorId } = sampleOperator;

/** Holds the books against the provider's own ledger, and against what is owed by the accounts of those who owe it. */
export class Accountant {
  readonly #scene: TripScene;

  constructor(scene: TripScene) {
    this.#scene = scene;
  }

  /** @returns how many documents there are */
  async judge(trips: readonly Trip[], months: readonly string[]): Promise<number> {
    const { ledgerBook } = this.#scene;
    this.#numbers(ledgerBook.documents);
    for (const trip of trips) await this.#use(trip);
    for (const charge of ledgerBook.allCharges.values()) await this.#charge(charge);
    for (const month of months) {
      const { items } = await ledgerBook.lines(operatorId, month, { limit: 100_000 });
      const accounts = monthAccounts(await ledgerBook.sums(operatorId, month), sumsOfLines(items));
      for (const { differences } of accounts) deepEqual(differences, []);
    }
    return ledgerBook.documents.length;
  }

  /** What a person's bills say of all months is what was invoiced to them, taken and given back, and what they owe. */
  async judgeBills(personId: string, months: readonly string[]): Promise<void> {
    const { bills, ledgerBook, repository } = this.#scene;
    if (!isPersonId(personId)) throw new RangeError(personId);
    const all = await Promise.all(months.map((month) => bills.month({ operatorId, personId }, month)));
    const entries = all.flatMap((bill) => bill.entries);
    const held = await Promise.all([...new Set(entries.map(({ line }) => line.payable))].map((one) => this.#held(one)));
    const totals = all.flatMap((bill) => bill.totals);
    const sumOf = (of: (one: BillTotals) => number) => totals.reduce((sum, one) => sum + of(one), 0);
    equal(
      sumOf(({ taken, givenBack }) => taken - givenBack),
      sum(held),
    );
    const driver = await repository.driver(operatorId, personId);
    equal(
      sumOf(({ owedMore }) => owedMore),
      driver?.debt ?? 0,
    );
    for (const { owedNow } of totals) equal(owedNow, driver?.debt ?? 0);
    const theirs = ledgerBook.documents.filter(
      ({ debtor }) => debtor?.kind === 'person' && debtor.personId === personId,
    );
    const numbers = entries.flatMap(({ invoice }) => (invoice.by === 'operator' ? [invoice.number ?? 'waits'] : []));
    deepEqual(numbers.toSorted(), theirs.map(({ number }) => number).toSorted());
    const [invoices, credits] = [theirs.filter(isInvoice), theirs.filter((one) => !isInvoice(one))];
    equal(
      sumOf(({ invoiced }) => totalOf(invoiced).vat),
      vatOf(invoices),
    );
    equal(
      sumOf(({ credited }) => totalOf(credited).vat),
      vatOf(credits),
    );
    equal(
      sumOf(({ invoiced, credited }) => totalOf(invoiced).gross - totalOf(credited).gross),
      grossOf(invoices) - grossOf(credits),
    );
  }

  /** What the provider holds for it. */
  async #held(payable: Payable): Promise<number> {
    const book = await this.#scene.books.load(payable);
    return book === undefined ? 0 : balance(book);
  }

  /** From 1 on, none left out, none twice. */
  #numbers(documents: readonly LedgerDocument[]): void {
    const years = new Set(documents.map(({ year }) => year));
    for (const year of years) {
      const sequences = documents.filter((one) => one.year === year).map(({ sequence }) => sequence);
      deepEqual(
        sequences.toSorted((a, b) => a - b),
        sequences.map((_, place) => place + 1),
      );
    }
    equal(new Set(documents.map(({ number }) => number)).size, documents.length);
  }

  async #use(trip: Trip): Promise<void> {
    const { reservationId, personId, bill, state, billTo, partner } = trip;
    const isBilled = state.status === 'settled' && state.waived !== true;
    const isOthers = billTo !== undefined || partner !== undefined || isTraveller(personId);
    const invoiced = this.#documentsOf(reservationId);
    if (!isBilled || isOthers) {
      deepEqual(invoiced, []);
      return;
    }
    const invoices = invoiced.filter(({ kind }) => kind === 'invoice');
    equal(invoices.length, (bill?.total ?? 0) > 0 ? 1 : 0);
    equal(grossOf(invoices), bill?.total ?? 0);
    await this.#agrees(reservationId, personId, invoiced);
  }

  async #charge({ chargeId, debtor, amount }: Charge): Promise<void> {
    const documents = this.#documentsOf(chargeId);
    if (debtor.kind === 'partner') {
      deepEqual(documents, []);
      return;
    }
    equal(grossOf(documents.filter(({ kind }) => kind === 'invoice')), amount);
    if (debtor.kind === 'person') await this.#agrees(chargeId, debtor.personId, documents);
  }

  /** Invoices less credit notes are what the provider holds, and what the person owes. */
  async #agrees(payable: Payable, personId: string, documents: readonly LedgerDocument[]): Promise<void> {
    const held = await this.#held(payable);
    const driver = await this.#scene.repository.driver(operatorId, personId);
    const debts = (driver?.debts ?? []).filter(({ reservationId }) => reservationId === payable);
    ok(debts.length <= 1);
    const owed = debts[0]?.amount ?? 0;
    const credits = documents.filter(({ kind }) => kind === 'credit-note');
    const invoices = documents.filter(isInvoice);
    equal(grossOf(invoices) - grossOf(credits), held + owed);
    // What is credited wholly is credited with its tax, to the last cent.
    if (grossOf(invoices) === grossOf(credits)) equal(vatOf(invoices), vatOf(credits));
    ok(vatOf(credits) <= vatOf(invoices));
    for (const credit of credits) equal(credit.refersTo?.number, invoices[0]?.number);
  }

  #documentsOf(payable: Payable): readonly LedgerDocument[] {
    return this.#scene.ledgerBook.documents.filter((one) => one.payable === payable);
  }
}

function grossOf(documents: readonly LedgerDocument[]): number {
  return documents.reduce((sum, { shares }) => sum + totalOf(shares).gross, 0);
}

function vatOf(documents: readonly LedgerDocument[]): number {
  return documents.reduce((sum, { shares }) => sum + totalOf(shares).vat, 0);
}

function isInvoice({ kind }: LedgerDocument): boolean {
  return kind === 'invoice';
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((all, one) => all + one, 0);
}
