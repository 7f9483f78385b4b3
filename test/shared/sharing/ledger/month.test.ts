import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPersonId } from '#shared/access/person.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { chargeKinds } from '#shared/sharing/ledger/charge.ts';
import { monthAccounts } from '#shared/sharing/ledger/month-account.ts';
import { sumsOfLines } from '#shared/sharing/ledger/month-service.ts';
import { chargeIdOf } from '#shared/sharing/sharing-id.ts';
import { anOperationId } from '../../../contract/samples.ts';
import { Accountant } from '../../../support/accountant.ts';
import { aPartner, aTraveller, caller, PartnerTown } from '../../../support/partner-town.ts';
import { sampleOperator, sampleSystem } from '../../../support/sharing-city.ts';
import { SharingTown } from '../../../support/sharing-town.ts';
import { type Fate, minute, TripScene } from '../../../support/trip-scene.ts';

const { operatorId } = sampleOperator;
const { systemId } = sampleSystem;
const cards = [
  ...['sandbox-card', 'sandbox-declined', 'sandbox-capture-fails', 'sandbox-authorization-expires'],
  ...['sandbox-answers-lost', 'sandbox-funds-3600'],
];
const office = { caller: { clientId: 'office', scopes: new Set<never>(), brands: [] }, reason: 'agreed' };

const steps = [
  ...(['drive', 'drive', 'drive', 'charge', 'charge', 'refund', 'refund', 'forgive', 'pay', 'pay-charge'] as const),
  ...(['dispute', 'waive', 'reduce', 'uphold', 'again', 'later', 'settle'] as const),
];
const happening = fc.record({ step: fc.constantFrom(...steps), one: fc.nat(5), other: fc.nat(60) });
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;
const fates = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: fc.constant<Fate>('go') },
    { weight: 1, arbitrary: fc.constantFrom<Fate>('killed-before', 'killed-after') },
  ),
  { minLength: 1, maxLength: 60 },
);

/** A person drives for some minutes, and pays by whatever they have. */
async function drive(town: SharingTown, driver: Driver, minutes: number): Promise<void> {
  await town.hold(driver);
  await town.key(driver).catch(() => town.key(driver));
  town.start(driver);
  town.wait(minutes);
  town.end();
  await town.scene.take(...town.log.lines.slice(-2));
  await town.stateFences();
  await town.scene.rest();
}

async function happen(town: SharingTown, { step, one, other }: Happening): Promise<void> {
  const { scene, drivers } = town;
  const driver = drivers[one % drivers.length];
  const charges = [...scene.ledgerBook.allCharges.values()];
  const [trips, charge] = [await town.trips(), charges[other % Math.max(1, charges.length)]];
  const trip = trips[other % Math.max(1, trips.length)];
  if (driver === undefined) throw new Error('nobody');
  const amount = 1 + other * 37;
  switch (step) {
    case 'drive':
      return drive(town, driver, 1 + other);
    case 'later':
      // Over the midnight of a city, or of a month.
      return town.wait(60 * other);
    case 'settle':
      return scene.rest();
    case 'charge': {
      const kind = chargeKinds[other % chargeKinds.length] ?? 'other';
      const fine = other % 3 === 0 ? { fine: { authority: 'Berlin', reference: `${other}`, plate: 'B-FL 1' } } : {};
      await scene.charges.charge({
        ...{ chargeId: chargeIdOf(anOperationId(), scene.clock.now()), operatorId, systemId, kind, amount, ...fine },
        ...{ personId: driver.personId, currency: 'EUR', reason: 'case', by: 'office', happenedAt: scene.clock.now() },
      });
      return;
    }
  }
  if (charge?.debtor.kind === 'person' && isPersonId(charge.debtor.personId)) {
    const mine = { operatorId, personId: charge.debtor.personId };
    const { chargeId } = charge;
    const decide = (kind: 'uphold' | 'reduce' | 'waive') =>
      scene.chargeDesk.decide(office.caller, operatorId, chargeId, { kind, reason: 'seen', amount, id: `d-${other}` });
    if (step === 'dispute') await scene.chargeDesk.dispute(mine, chargeId, 'It was not me.');
    if (step === 'pay-charge') await scene.chargeDesk.pay(mine, chargeId, `p-${other}`, cards[other % cards.length]);
    if (step === 'waive' || step === 'reduce' || step === 'uphold') await decide(step);
  }
  if (trip === undefined || !isPersonId(trip.personId)) return;
  const { personId, reservationId } = trip;
  if (step === 'refund') await scene.desk.refund(trip, office, amount, `refund-${other}`);
  if (step === 'forgive') await scene.desk.forgive(trip, office);
  if (step === 'pay') await scene.mine.pay({ operatorId, personId }, reservationId, `p-${other}`, 'sandbox-card');
  if (step === 'again') await scene.settlement.settle(trip);
}

test('an accountant finds nothing in a month of trips: every cent is invoiced once, taken, owed, or credited', {
  timeout: 60_000,
}, async () => {
  let documents = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 20, maxLength: 50, size: 'max' }),
      fates,
      fc.shuffledSubarray(cards, { minLength: 2, maxLength: 4 }),
      async (happenings, fate, methods) => {
        const scene = await new TripScene().open();
        const drivers: Driver[] = [];
        for (const method of methods) drivers.push(await scene.driver(method));
        const town = new SharingTown(scene, drivers);
        let call = 0;
        scene.fate = () => fate[call++ % fate.length] ?? 'go';
        // What is refused, or broken off, has done nothing, or goes on later.
        for (const one of happenings) await happen(town, one).catch(() => {});
        await town.quiet();
        const end = scene.clock.now();
        const months = new Set<string>();
        // By the clock of the city it may be the next one already.
        for (let at = end + 24 * 60 * minute; at > end - 400 * 24 * 60 * minute; at -= 24 * 60 * minute) {
          months.add(new Date(at).toISOString().slice(0, 7));
        }
        const accountant = new Accountant(scene);
        documents += await accountant.judge(await town.trips(), [...months]);
        for (const { personId } of drivers) await accountant.judgeBills(personId, [...months]);
      },
    ),
    { numRuns: 80 },
  );
  // It was about something.
  expect(documents).toBeGreaterThan(500);
});

test('what partners book is invoiced to no traveller: it stands in their journals, and the month adds up', async () => {
  const app = 'mobility-app';
  const city = await new PartnerTown([aPartner(app)]).open();
  const { scene } = city;
  const month = new Date(scene.clock.now()).toISOString().slice(0, 7);
  const ten = async () => {
    await city.does('started');
    city.wait(10);
    await city.does('ended');
    await city.rest();
  };
  const driver = await scene.driver();
  await scene.key(driver, await scene.hold(driver));
  await ten();
  const { pack } = await city.bought(app, aTraveller('ada'));
  await city.service.confirm(caller(app), systemId, pack.packageId);
  await ten();
  const trip = await scene.trips.ofReservation(pack.personId, pack.reservationId);
  if (trip === undefined) throw new Error('no trip');
  for (let round = 0; round < 2; round++) await scene.desk.refund(trip, office, 90, 'refund-1');
  // The traveller is erased; what is given back after that goes the same way.
  const { refunds } = (await scene.trips.load(trip)) ?? trip;
  const later = refunds.map((refund) => ({ ...refund, refundId: 'refund-2', amount: 10 }));
  const personId = `erased-${trip.reservationId}`;
  await scene.ledger.tripSettled({ ...trip, personId, refunds: [...refunds, ...later] });
  const { ledgerBook } = scene;
  expect(ledgerBook.documents.map(({ debtor, kind }) => [debtor, kind])).toEqual([
    [{ kind: 'person', personId: driver.personId }, 'invoice'],
  ]);
  const { items } = await ledgerBook.lines(operatorId, month, { limit: 100 });
  const [account] = monthAccounts(await ledgerBook.sums(operatorId, month), sumsOfLines(items));
  expect(account).toMatchObject({
    total: {
      billed: 780,
      captured: 390,
      onPartners: 390,
      refunded: 100,
      onPartnersCredited: 100,
      invoices: 1,
    },
    differences: [],
  });
  const { total } = await city.journal.list(caller(app), systemId, { month }, { limit: 10 });
  expect(total?.charged).toBe(390 - 90);
});

test('what a partner’s customer is charged beside the trip is the partner’s, in its journal, and nobody’s invoice', async () => {
  const app = 'mobility-app';
  const city = await new PartnerTown([aPartner(app, { creditLimit: 5_000 })]).open();
  const { scene } = city;
  const month = new Date(scene.clock.now()).toISOString().slice(0, 7);
  const { pack } = await city.bought(app, aTraveller('ada'));
  await city.service.confirm(caller(app), systemId, pack.packageId);
  await city.does('started');
  await city.does('ended');
  await city.rest();
  const { reservationId } = pack;
  const order = (kind: 'fine' | 'cleaning', personId: string, amount: number) => ({
    ...{ chargeId: chargeIdOf(anOperationId(), scene.clock.now()), operatorId, systemId, kind, amount, personId },
    ...{ reservationId, currency: 'EUR', reason: 'case 4711', by: 'office', happenedAt: scene.clock.now() },
  });
  const cleaning = order('cleaning', pack.personId, 9_000);
  // Above the limit, and killed in between: it is asked for once.
  let call = 0;
  scene.fate = () => (call++ % 5 === 3 ? 'killed-after' : 'go');
  for (let round = 0; round < 8; round++) await scene.charges.charge(cleaning).catch(() => {});
  scene.fate = () => 'go';
  const charge = await scene.charges.charge(cleaning);
  expect(charge).toMatchObject({ debtor: { kind: 'partner', clientId: app }, payment: { kind: 'paid' } });
  // A letter that comes when the customer is forgotten.
  await scene.charges.charge({ ...order('fine', `erased-${reservationId}`, 1_500), fine: fineOf('AZ 1') });
  const less = { kind: 'reduce', reason: 'photos', amount: 4_000, id: 'half' } as const;
  for (let round = 0; round < 2; round++)
    await scene.chargeDesk.decide(office.caller, operatorId, charge.chargeId, less);
  const { page, total } = await city.journal.list(caller(app), systemId, { month }, { limit: 10 });
  expect(page.items.map(({ kind, amount, charge: of }) => [kind, of?.kind, amount])).toEqual([
    ...[
      ['fare', undefined, 100],
      ['charge', 'cleaning', 9_000],
      ['charge', 'fine', 1_500 + 1_500],
    ],
    ['refund', 'cleaning', -4_000],
  ]);
  expect(page.items.every((entry) => entry.reservationId === reservationId)).toBe(true);
  const read = await city.reader.read(pack);
  expect((await city.journal.ofPackage(read)).map(({ amount }) => amount)).toEqual([100, 9_000, 3_000, -4_000]);
  const owed = 100 + 9_000 + 3_000 - 4_000;
  const account = await city.journal.account({ operatorId, clientId: app, currency: 'EUR' });
  expect([account?.owed, total?.charged]).toEqual([owed, owed]);
  // Nothing is lent beyond the limit any more.
  const next = await city.bought(app, aTraveller('bob'));
  await expect(city.service.confirm(caller(app), systemId, next.pack.packageId)).rejects.toThrow('declined');
  const { ledgerBook } = scene;
  expect(ledgerBook.documents).toEqual([]);
  expect((await ledgerBook.chargesOf(operatorId, pack.personId, { limit: 10 })).items).toEqual([]);
  const { items } = await ledgerBook.lines(operatorId, month, { limit: 100 });
  const [books] = monthAccounts(await ledgerBook.sums(operatorId, month), sumsOfLines(items));
  const sums = { billed: 12_100, charged: 12_000, onPartners: 12_100, onPartnersCredited: 4_000 };
  expect(books).toMatchObject({ total: sums, differences: [] });
  expect(JSON.stringify([...ledgerBook.allCharges.values()])).not.toContain(pack.personId);
});

function fineOf(reference: string) {
  return { authority: 'Berlin', reference, plate: 'B-FL 1' };
}
