import { expect, test } from 'vitest';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import { type Business, carriedInto, type Invitation, type Member } from '#shared/sharing/ledger/business.ts';
import type { BusinessRepository } from '#shared/sharing/ledger/business-repository.ts';
import type { Charge } from '#shared/sharing/ledger/charge.ts';
import type { ChargeRepository } from '#shared/sharing/ledger/charge-repository.ts';
import type { LedgerBook, RecipientBook } from '#shared/sharing/ledger/ledger-repository.ts';
import { LedgerService } from '#shared/sharing/ledger/ledger-service.ts';
import type { Receivable } from '#shared/sharing/ledger/receivable.ts';
import { sharesOf } from '#shared/sharing/ledger/tax-share.ts';
import { chargeIdOf } from '#shared/sharing/sharing-id.ts';
import { aReservationId } from '../support/booking-samples.ts';
import { sampleOperator, sampleSystem } from '../support/sharing-city.ts';
import { anOperationId, aPersonId } from './samples.ts';

const now = Date.UTC(2026, 10, 22, 8);
const { operatorId } = sampleOperator;
const { systemId, market, timeZone } = sampleSystem;
const month = '2026-11';
const address = { street: 'Ring 5', postalCode: '38440', city: 'Wolfsburg', country: 'DE' };

export interface LedgerParts {
  readonly book: LedgerBook & RecipientBook;
  readonly charges: ChargeRepository;
  readonly businesses: BusinessRepository;
}

function aUse(personId: string, changes: Partial<Receivable> = {}): Receivable {
  const part = { amount: 825, rate: 1_900 };
  return {
    ...{ payable: aReservationId(), what: 'trip', operatorId, debtor: { kind: 'person', personId }, timeZone },
    ...{ currency: 'EUR', supply: { from: now, to: now }, total: 825, shares: sharesOf([part]), changes: [] },
    lines: [{ item: 'driving', quantity: 1, price: 825, ...part }],
    ...{ billed: { at: now, captured: 825, owed: 0 }, ...changes },
  };
}

function aCharge(personId: string, at: number, changes: Partial<Charge> = {}): Charge {
  return {
    ...{ chargeId: chargeIdOf(anOperationId(), at), operatorId, systemId, debtor: { kind: 'person', personId } },
    ...{ kind: 'fine', lines: [], amount: 1_500, currency: 'EUR', market, timeZone, happenedAt: at, reason: 'parking' },
    ...{ madeAt: at, by: 'office', disputableUntil: at, reductions: [], version: 1 },
    ...{ payment: { kind: 'paid', at, collected: 1_500, told: true }, ...changes },
  };
}

function aBusiness(businessId: string): Business {
  const recipient = { name: 'Example AG', address };
  return { operatorId, businessId, recipient, systemId, costCentres: [], debts: [], version: 1 };
}

function serviceOn({ book, businesses }: LedgerParts): LedgerService {
  const setup = { operator: async () => sampleOperator };
  return new LedgerService({ book, recipients: book, businesses, setup, clock: { now: () => now } });
}

/** All of it, two at a time. */
async function everything<T>(read: (page: PageRequest) => Promise<Page<T>>): Promise<readonly T[]> {
  const found: T[] = [];
  let from: string | undefined;
  do {
    const { items, next } = await read({ limit: 2, ...(from !== undefined && { from }) });
    expect(items.length).toBeLessThanOrEqual(2);
    found.push(...items);
    from = next;
  } while (from !== undefined);
  return found;
}

export function ledgerContract(parts: () => Promise<LedgerParts>): void {
  test('whoever asks at the same instant, each use has one invoice, and numbers run without a gap', async () => {
    const all = await parts();
    const personId = aPersonId();
    const uses = Array.from({ length: 5 }, () => aUse(personId));
    // Three processes, each of which is asked for all of them.
    const services = [serviceOn(all), serviceOn(all), serviceOn(all)];
    const kept = await Promise.all(services.flatMap((ledger) => uses.map((use) => ledger.keep(use))));
    const numbers = kept.map(({ lines: [bill] }) => bill?.document);
    expect(new Set(numbers).size).toBe(5);
    for (const place of uses.keys()) expect(new Set([0, 5, 10].map((turn) => numbers[turn + place])).size).toBe(1);
    expect(await all.book.range(operatorId, 2026)).toEqual({ year: 2026, last: 5 });
    const documents = await everything((page) => all.book.documentsOf(operatorId, personId, page));
    expect(documents.map(({ sequence }) => sequence)).toEqual([5, 4, 3, 2, 1]);
    const lines = await everything((page) => all.book.lines(operatorId, month, page));
    expect(new Set(lines.map(({ document }) => document))).toEqual(new Set(numbers));
    expect(await everything((page) => all.book.linesOf(operatorId, personId, month, page))).toEqual(lines);
    expect((await all.book.linesOf(operatorId, aPersonId(), month, { limit: 10 })).items).toEqual([]);
    const [day] = await all.book.sums(operatorId, month);
    expect(day?.sums).toMatchObject({ trips: 5, billed: 5 * 825, invoices: 5, 'invoiced 1900 vat': 5 * 132 });
    expect(await all.book.document(operatorId, 'XX-2026-000001')).toBeUndefined();
  });

  test('a charge is made once, also of one fine, and changed by whoever saw it last; lists begin with the newest', async () => {
    const { charges } = await parts();
    const personId = aPersonId();
    const fine = { authority: 'Berlin', reference: 'AZ 1', plate: 'B-FL 1' };
    const first = aCharge(personId, now, { fine });
    const same = aCharge(personId, now, { fine: { ...fine, reference: 'az-1' } });
    const made = await Promise.all([charges.addCharge(first), charges.addCharge(same)]);
    expect(made.filter(Boolean)).toHaveLength(1);
    const known = made[0] ? first : same;
    expect(await charges.chargeOfFine(operatorId, 'BERLIN', 'AZ1')).toBe(known.chargeId);
    expect(await charges.addCharge(known)).toBe(false);
    const next = { ...known, version: 2 };
    const saved = await Promise.all([charges.saveCharge(next, 1), charges.saveCharge({ ...next, reason: 'toll' }, 1)]);
    expect(saved.filter(Boolean)).toHaveLength(1);
    const others = [aCharge(personId, now + 1), aCharge(personId, now + 2)];
    for (const other of others) await charges.addCharge(other);
    const partners = aCharge('', now + 3, { debtor: { kind: 'partner', clientId: 'app' } });
    await charges.addCharge(partners);
    expect(await charges.charge(partners.chargeId)).toEqual(partners);
    const idsOf = (found: readonly Charge[]) => found.map(({ chargeId }) => chargeId);
    const mine = [...idsOf(others).toReversed(), known.chargeId];
    expect(idsOf(await everything((page) => charges.chargesOf(operatorId, personId, page)))).toEqual(mine);
    expect(idsOf(await everything((page) => charges.charges(operatorId, page)))).toEqual([partners.chargeId, ...mine]);
  });

  test('a code makes one member, and a month that is closed takes nothing in any more', async () => {
    const all = await parts();
    const { businesses } = all;
    for (const id of ['one', 'three', 'two'])
      expect(await businesses.saveBusiness(aBusiness(id), undefined)).toBe(true);
    expect(await businesses.saveBusiness({ ...aBusiness('one'), version: 3 }, 2)).toBe(false);
    const listed = await everything((page) => businesses.businesses(operatorId, page));
    expect(listed.map(({ businessId }) => businessId)).toEqual(['one', 'three', 'two']);
    const [businessId, personId] = ['one', aPersonId()];
    const code: Invitation = { operatorId, businessId, codeHash: 'a', isAdmin: false, expiresAt: now + 1_000 };
    await businesses.addInvitation(code);
    const member = (who: string): Member => ({
      ...{ operatorId, businessId, personId: who, memberId: who.slice(0, 8), status: 'accepted', isAdmin: false },
      ...{ since: now, version: 1 },
    });
    const joined = await Promise.all(
      [personId, aPersonId()].map((who) => businesses.saveMember(member(who), undefined, code)),
    );
    expect(joined.filter(Boolean)).toHaveLength(1);
    expect(await businesses.invitation(operatorId, code.codeHash)).toBeUndefined();
    const onAccount = { billed: { at: now, captured: 0, owed: 0 }, onAccountOf: businessId };
    const ledger = serviceOn(all);
    await Promise.all([1, 2, 3].map(() => ledger.keep(aUse(personId, onAccount))));
    const seen = await businesses.month(operatorId, businessId, month);
    expect(seen).toMatchObject({ entries: 3, sums: { '- 1900': 3 * 825 } });
    const charge = chargeIdOf(anOperationId(), now);
    expect(await businesses.closeMonth({ ...seen, entries: 2 }, charge)).toBe(false);
    const closed = await Promise.all([1, 2].map(() => businesses.closeMonth(seen, charge)));
    expect(closed.filter(Boolean)).toHaveLength(1);
    await ledger.keep(aUse(personId, onAccount));
    const counts = [month, '2026-12'].map(async (one) => (await businesses.month(operatorId, businessId, one)).entries);
    expect(await Promise.all(counts)).toEqual([3, 1]);
    const entries = await everything((page) => businesses.entries(operatorId, businessId, month, page));
    expect(entries.map(({ gross }) => gross)).toEqual([825, 825, 825]);
  });

  test('a month is carried once, whole or not at all: into one that is open, and as both were seen', async () => {
    const all = await parts();
    const { businesses } = all;
    const [businessId, personId] = ['one', aPersonId()];
    await businesses.saveBusiness(aBusiness(businessId), undefined);
    const at = (one: string) => businesses.month(operatorId, businessId, one);
    const use = aUse(personId, { billed: { at: now, captured: 0, owed: 0 }, onAccountOf: businessId });
    const refund = { kind: 'refunded', id: 'r', at: now + 14 * 86_400_000, amount: 60, reason: 'agreed' } as const;
    const ledger = serviceOn(all);
    await ledger.keep({ ...use, changes: [refund] });
    const [from, into] = [await at('2026-12'), await at('2027-01')];
    expect(from).toMatchObject({ entries: 1, sums: { '- 1900': -60 } });
    const carried = carriedInto(into, from);
    expect(await businesses.carryMonth({ ...from, entries: 2 }, into, carried)).toBe(false);
    const turns = await Promise.all([1, 2, 3].map(() => businesses.carryMonth(from, into, carried)));
    expect(turns.filter(Boolean)).toHaveLength(1);
    expect(await at('2026-12')).toEqual({ ...from, closed: { carriedTo: '2027-01' } });
    const stands = { ...into, carried: { '- 1900': -60 }, entries: 1 };
    expect(await at('2027-01')).toEqual(stands);
    // What comes late goes to where the month went.
    await ledger.keep({ ...use, changes: [refund, { ...refund, id: 's', amount: 5 }] });
    const january = await at('2027-01');
    expect(january).toEqual({ ...stands, sums: { '- 1900': -5 }, entries: 2 });
    const next = await at('2027-02');
    expect(await businesses.carryMonth(stands, next, carriedInto(next, stands))).toBe(false);
    await businesses.carryMonth(january, next, carriedInto(next, january));
    const february = await at('2027-02');
    expect(february).toMatchObject({ carried: { '- 1900': -65 }, entries: 1 });
    const november = await at(month);
    for (const entries of [0, 2]) {
      expect(await businesses.carryMonth(november, { ...february, entries }, {})).toBe(false);
    }
    expect(await at(month)).toEqual(november);
    const charge = chargeIdOf(anOperationId(), now);
    // Into a month that somebody closes at this very instant.
    const both = await Promise.all([
      businesses.carryMonth(november, february, carriedInto(february, november)),
      businesses.closeMonth(february, charge).catch(() => false),
    ]);
    expect(both.filter(Boolean)).toHaveLength(1);
    const after = [(await at(month)).closed, (await at('2027-02')).closed];
    expect(after).toEqual(both[0] ? [{ carriedTo: '2027-02' }, undefined] : [undefined, { chargeId: charge }]);
    const listed = await everything((page) => businesses.months(operatorId, businessId, page));
    expect(listed.map((one) => one.month)).toEqual([month, '2026-12', '2027-01', '2027-02']);
    expect(listed[3]).toEqual(await at('2027-02'));
    expect((await businesses.months(operatorId, 'two', { limit: 10 })).items).toEqual([]);
  });
}
