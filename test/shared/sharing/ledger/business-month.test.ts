import { expect, test } from 'vitest';
import type { Business } from '#shared/sharing/ledger/business.ts';
import { BusinessMonthService } from '#shared/sharing/ledger/business-month-service.ts';
import type { Receivable } from '#shared/sharing/ledger/receivable.ts';
import { sharesOf } from '#shared/sharing/ledger/tax-share.ts';
import { anOperationId } from '../../../contract/samples.ts';
import { aReservationId } from '../../../support/booking-samples.ts';
import { sampleOperator, sampleSystem } from '../../../support/sharing-city.ts';
import { TripScene } from '../../../support/trip-scene.ts';

const { operatorId } = sampleOperator;
const { systemId, timeZone } = sampleSystem;
const at = { operatorId, businessId: 'example' };
const caller = { clientId: 'office', scopes: new Set<never>(), brands: [] };
const address = { street: 'Ring 5', postalCode: '38440', city: 'Wolfsburg', country: 'DE' };
const business: Business = {
  ...{ ...at, systemId, recipient: { name: 'Example AG', address }, costCentres: [] },
  ...{ paymentMethod: 'sandbox-card', debts: [], version: 1 },
};

/** A business whose members used cars, and was given back for it, on the days that a test says. */
async function anAccount() {
  const scene = await new TripScene().open();
  const { setup, clock, charges, ledgerBook } = scene;
  await ledgerBook.saveBusiness(business, undefined);
  const months = new BusinessMonthService({
    ...{ businesses: ledgerBook, charges, chargeBook: ledgerBook, setup, clock },
    accounts: { require: async () => business },
  });
  const personId = 'b7f0c1de-0000-4000-8000-000000000001';
  const used = (day: string, total: number, rate = 1_900): Receivable => {
    const [when, part] = [noonOf(day), { amount: total, rate }];
    return {
      ...{ payable: aReservationId(), what: 'trip', operatorId, debtor: { kind: 'person', personId }, timeZone },
      ...{ currency: 'EUR', supply: { from: when, to: when }, total, shares: sharesOf([part]), changes: [] },
      lines: [{ item: 'driving', quantity: 1, price: total, ...part }],
      ...{ billed: { at: when, captured: 0, owed: 0 }, onAccountOf: at.businessId },
    };
  };
  return {
    ...{ scene, months },
    async uses(day: string, total: number, rate?: number): Promise<Receivable> {
      const use = used(day, total, rate);
      await scene.ledger.keep(use);
      return use;
    },
    async givesBack(use: Receivable, day: string, amount: number): Promise<void> {
      const refund = { kind: 'refunded', id: `refund-${day}`, at: noonOf(day), amount, reason: 'agreed' } as const;
      await scene.ledger.keep({ ...use, changes: [...use.changes, refund] });
    },
    invoice(month: string) {
      const operation = { operationId: anOperationId(), ownKey: month, startedAt: clock.now() };
      return months.invoice(caller, at, month, operation);
    },
    /** Noon of it has come. */
    until(day: string): void {
      clock.advance(noonOf(day) - clock.now());
    },
    async stands() {
      const { items } = await months.months(caller, at, { limit: 100 });
      return items.map(({ month, sums, carried = {}, closed }) => {
        const amounts = [...Object.values(sums), ...Object.values(carried)];
        return [month, amounts.reduce((sum, amount) => sum + amount, 0), closed];
      });
    },
  };
}

function noonOf(day: string): number {
  return Date.parse(`${day}T12:00:00Z`);
}

const carriedTo = (to: string) => ({ code: 'nothing-to-invoice', message: expect.stringContaining(to) });

test.each([
  ['asked for it or not', ['2026-12', '2026-12']],
  ['nobody asks for that month', []],
])('what a month owes a business is taken off the next invoice, with its tax: %s', async (_, asks) => {
  const account = await anAccount();
  const november = await account.uses('2026-11-20', 100);
  account.until('2026-12-01');
  expect((await account.invoice('2026-11')).amount).toBe(100);
  await account.givesBack(november, '2026-12-03', 60);
  await account.uses('2026-12-10', 40);
  account.until('2027-01-15');
  await account.uses('2027-01-15', 50);
  for (const month of asks) await expect(account.invoice(month)).rejects.toMatchObject(carriedTo('2027-01'));
  account.until('2027-02-01');
  const [asked, again] = [await account.invoice('2027-01'), await account.invoice('2027-01')];
  expect(asked).toMatchObject({ amount: 30, payment: { kind: 'paid' } });
  expect(again).toEqual(asked);
  expect(asked.lines.map(({ item, amount, rate }) => [item, amount, rate])).toEqual([
    ...[
      ['trips', 50, 1_900],
      ['carried', -20, 1_900],
    ],
  ]);
  const { documents, allCharges } = account.scene.ledgerBook;
  expect(documents.map(({ shares }) => shares)).toEqual([100, 30].map((amount) => sharesOf([{ amount, rate: 1_900 }])));
  expect([...allCharges.values()].map(({ amount }) => amount)).toEqual([100, 30]);
});

test('what is given back after the last use stands in the month that goes on, through all that are over, and is told', async () => {
  const account = await anAccount();
  const november = await account.uses('2026-11-20', 100);
  account.until('2026-12-03');
  const { chargeId } = await account.invoice('2026-11');
  await account.givesBack(november, '2026-12-03', 60);
  account.until('2027-03-10');
  await expect(account.invoice('2027-02')).rejects.toMatchObject({ code: 'nothing-to-invoice' });
  await expect(account.invoice('2026-12')).rejects.toMatchObject(carriedTo('2027-01'));
  expect(await account.stands()).toEqual([
    ['2026-11', 100, { chargeId }],
    ['2026-12', -60, { carriedTo: '2027-01' }],
    ['2027-01', -60, { carriedTo: '2027-02' }],
    ['2027-02', -60, { carriedTo: '2027-03' }],
    ['2027-03', -60, undefined],
  ]);
});

test('what was given back of another rate is taken off with the tax of that rate', async () => {
  const account = await anAccount();
  const november = await account.uses('2026-11-20', 500, 1_600);
  account.until('2026-12-03');
  await account.invoice('2026-11');
  await account.givesBack(november, '2026-12-03', 100);
  await account.uses('2027-01-15', 900);
  account.until('2027-02-01');
  await account.invoice('2027-01');
  const invoice = account.scene.ledgerBook.documents.at(-1);
  expect(invoice?.shares).toEqual([
    { rate: 1_900, net: 756, vat: 144, gross: 900 },
    { rate: 1_600, net: -86, vat: -14, gross: -100 },
  ]);
});

test('a month in which what was used was all given back has nothing to be carried, and stays open for what comes late', async () => {
  const account = await anAccount();
  const use = await account.uses('2026-11-20', 100);
  await account.givesBack(use, '2026-11-21', 100);
  account.until('2026-12-03');
  await expect(account.invoice('2026-11')).rejects.toMatchObject({ code: 'nothing-to-invoice' });
  expect(await account.stands()).toEqual([['2026-11', 0, undefined]]);
  await account.uses('2026-11-30', 70);
  expect((await account.invoice('2026-11')).amount).toBe(70);
});
