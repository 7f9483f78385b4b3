import { expect, test } from 'vitest';
import { AccountDesk } from '#shared/partners/account-desk.ts';
import { partnerMethod } from '#shared/partners/partner-method.ts';
import { monthAccounts } from '#shared/sharing/ledger/month-account.ts';
import { sumsOfLines } from '#shared/sharing/ledger/month-service.ts';
import type { PaymentEntry } from '#shared/sharing/payments/payment-book.ts';
import { depositOf } from '#shared/sharing/prices/bill.ts';
import { aPartner, aTraveller, caller, PartnerTown, systemId } from '../../support/partner-town.ts';
import { sampleOperator, samplePlan } from '../../support/sharing-city.ts';
import type { Fate } from '../../support/trip-scene.ts';

const app = 'mobility-app';
const { operatorId } = sampleOperator;
const account = { operatorId, clientId: app, currency: 'EUR' };
const month = '2026-05';
const deposit = depositOf(samplePlan);
const office = { caller: caller('office'), reason: 'It was driven.' };

/** What it came to, where the call of that number of any port was killed; whoever asks again is let through. */
async function killedAt(city: PartnerTown, number: number, fate: Fate, run: () => Promise<unknown>): Promise<boolean> {
  let call = 0;
  city.scene.fate = () => (call++ === number ? fate : 'go');
  const isKilled = await run().then(
    () => false,
    (error: unknown) => {
      if (!(error instanceof Error && error.message === 'killed')) throw error;
      return true;
    },
  );
  city.scene.fate = () => 'go';
  return isKilled;
}

/** Each call, killed before it worked and after; until there are no more. */
async function everyDeath(story: (number: number, fate: Fate) => Promise<boolean>): Promise<number> {
  for (let number = 0; ; number++) {
    const before = await story(number, 'killed-before');
    const after = await story(number, 'killed-after');
    if (!before && !after) return number;
  }
}

function open({ accounts }: PartnerTown) {
  return accounts.all.map(({ owed, aside }) => ({ owed, aside }));
}

/** Bought, confirmed, opened by its operator, whose report comes only when nobody has it any more. */
async function drivenUnheard(end: 'cancel' | 'expire') {
  const city = await new PartnerTown([aPartner(app, { creditLimit: deposit })]).open();
  const { scene, log } = city;
  const { pack } = await city.bought(app, aTraveller('ada'));
  const { packageId, reservationId } = pack;
  await city.service.confirm(caller(app), systemId, packageId);
  await city.leg(app, 'start', packageId);
  const { fence } = await scene.vehicle();
  const lines = [log.line({ fence, reservationId }, 'started', scene.clock.now() + 60_000)];
  city.wait(end === 'cancel' ? 5 : 16);
  if (end === 'cancel') await city.service.giveBack(caller(app), systemId, packageId, 'cancel-package');
  else await scene.bookings.expire(scene.vehicleId);
  await city.rest();
  expect(open(city)).toEqual([{ owed: 0, aside: {} }]);
  lines.push(log.line({ fence, reservationId }, 'ended', scene.clock.now()));
  return { city, pack, fence, lines, cost: 100 + (end === 'cancel' ? 4 : 15) * 29 };
}

test('what is driven although it was given back is the partner’s to pay, once, whoever dies in between', async () => {
  for (const end of ['cancel', 'expire'] as const) {
    const deaths = await everyDeath(async (number, fate) => {
      const { city, pack, fence, lines, cost } = await drivenUnheard(end);
      const { scene, service } = city;
      await scene.logs.record(scene.vehicleId, lines);
      await city.rest();
      const key = { vehicleId: scene.vehicleId, fence };
      expect((await scene.trip(fence)).state).toMatchObject({ status: 'to-review', reasons: ['stale-fence'] });
      const settle = () => scene.desk.review(key, office, 'settle');
      const isKilled = await killedAt(city, number, fate, settle);
      if (isKilled) await settle();
      for (let round = 0; round < 2; round++) await scene.settlement.settle(key);
      await city.rest();
      const { page, total } = await city.journal.list(caller(app), systemId, { month }, { limit: 10 });
      expect(page.items).toMatchObject([{ reservationId: pack.reservationId, kind: 'fare', id: '', amount: cost }]);
      expect(total).toMatchObject({ charged: cost, entries: 1 });
      expect(open(city)).toEqual([{ owed: cost, aside: {} }]);
      const read = await service.require(caller(app), systemId, pack.packageId);
      expect(read).toMatchObject({ standing: { status: 'ENDED' }, next: ['confirm-payment'] });
      expect((await scene.repository.driver(operatorId, pack.personId))?.debt).toBe(0);
      const { items } = await scene.ledgerBook.lines(operatorId, month, { limit: 100 });
      const [books] = monthAccounts(await scene.ledgerBook.sums(operatorId, month), sumsOfLines(items));
      expect(books).toMatchObject({ total: { billed: cost, onPartners: cost }, differences: [] });
      await scene.desk.refund(key, office, 90, 'agreed');
      expect(open(city)).toEqual([{ owed: cost - 90, aside: {} }]);
      return isKilled;
    });
    expect(deaths).toBeGreaterThan(15);
  }
});

test('what is set aside for a use that nobody confirms after all is free again, whoever dies in between', async () => {
  const deaths = await everyDeath(async (number, fate) => {
    const city = await new PartnerTown([aPartner(app, { creditLimit: deposit })]).open();
    const { scene, service } = city;
    const { pack } = await city.bought(app, aTraveller('ada'));
    const confirm = () => service.confirm(caller(app), systemId, pack.packageId);
    const isKilled = await killedAt(city, number, fate, confirm);
    city.wait(16);
    await scene.bookings.expire(scene.vehicleId);
    await city.rest();
    const operator = { ...sampleOperator, partners: [aPartner(app, { creditLimit: deposit })] };
    const desk = new AccountDesk({
      ...{ door: { operator: async () => operator }, setup: scene.setup, journal: city.journal, clock: scene.clock },
      books: scene.books,
    });
    const standing = async () => (await desk.standing(office.caller, account)).accounts;
    for (const one of await standing()) expect(one).toEqual({ currency: 'EUR', owed: 0, aside: 0, left: deposit });
    const next = await city.bought(app, aTraveller('grace'));
    const { pack: agreed } = await service.confirm(caller(app), systemId, next.pack.packageId);
    expect(await standing()).toEqual([{ currency: 'EUR', owed: 0, aside: deposit, left: 0 }]);
    expect(city.accounts.all.map(({ aside }) => aside)).toEqual([{ [agreed.reservationId]: deposit }]);
    return isKilled;
  });
  expect(deaths).toBeGreaterThan(8);
});

test('what a partner’s provider takes nothing of is no fare, and is set aside no longer', async () => {
  const city = await new PartnerTown([aPartner(app)]).open();
  const { scene } = city;
  const { reservationId } = (await city.bought(app, aTraveller('ada'))).pack;
  const paymentMethod = partnerMethod(operatorId, app);
  await scene.payments.authorize(reservationId, deposit, 'EUR', paymentMethod);
  const book = await scene.books.load(reservationId);
  if (book === undefined) throw new Error('no book');
  const failed = { at: scene.clock.now(), declined: 'provider-failed' } as const;
  const entries: PaymentEntry[] = [
    { kind: 'capture', amount: 0, asked: 390, ...failed },
    { kind: 'collect', amount: 390, id: 'on-account', currency: 'EUR', paymentMethod, ...failed },
  ];
  await scene.books.save({ ...book, entries: [...book.entries, ...entries], version: 2 }, book.version);
  const answer = await scene.payments.capture(reservationId, 390);
  expect(answer).toEqual({ kind: 'failed', reason: 'provider-failed', captured: 0 });
  expect(city.accounts.entriesOf(account)).toEqual([]);
  expect(open(city)).toEqual([{ owed: 0, aside: {} }]);
});
