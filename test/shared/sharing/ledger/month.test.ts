import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPersonId } from '#shared/access/person.ts';
import { Failure } from '#shared/kernel/failure.ts';
import { PartnerCharges } from '#shared/partners/partner-charges.ts';
import { partnerMethod } from '#shared/partners/partner-method.ts';
import { PartnerPayments } from '#shared/partners/partner-payments.ts';
import { isTraveller, personOf } from '#shared/partners/traveller-id.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import type { Due } from '#shared/sharing/due/due.ts';
import type { Business } from '#shared/sharing/ledger/business.ts';
import { BusinessMonthService } from '#shared/sharing/ledger/business-month-service.ts';
import { BusinessReceiptService } from '#shared/sharing/ledger/business-receipt-service.ts';
import { chargeKinds } from '#shared/sharing/ledger/charge.ts';
import { monthAccounts } from '#shared/sharing/ledger/month-account.ts';
import { sumsOfLines } from '#shared/sharing/ledger/month-service.ts';
import type { Bill } from '#shared/sharing/prices/bill.ts';
import { chargeIdOf } from '#shared/sharing/sharing-id.ts';
import { withPartnerPrice } from '#shared/sharing/trips/partner-word.ts';
import { anOperationId } from '../../../contract/samples.ts';
import { Accountant } from '../../../support/accountant.ts';
import { MemoryAccounts } from '../../../support/memory-packages.ts';
import { OutsideAccountant } from '../../../support/outside-accountant.ts';
import { aPartner, aTraveller, caller, PartnerTown } from '../../../support/partner-town.ts';
import { sampleOperator, sampleSystem } from '../../../support/sharing-city.ts';
import { SharingTown } from '../../../support/sharing-town.ts';
import { type Fate, inMemory, minute, TripScene } from '../../../support/trip-scene.ts';

const { operatorId } = sampleOperator;
const { systemId } = sampleSystem;
const cards = [
  ...['sandbox-card', 'sandbox-declined', 'sandbox-capture-fails', 'sandbox-authorization-expires'],
  ...['sandbox-answers-lost', 'sandbox-funds-3600'],
];
const office = { caller: { clientId: 'office', scopes: new Set<never>(), brands: [] }, reason: 'agreed' };

const steps = [
  ...(['drive', 'drive', 'drive', 'charge', 'charge', 'refund', 'refund', 'forgive', 'pay', 'pay-charge'] as const),
  ...([
    'at-cost-of-business',
    'at-cost-of-business',
    'invoice-business',
    'partners-vehicle',
    'partners-price',
    'receipt',
  ] as const),
  ...(['partners-vehicle', 'partners-price', 'partners-price'] as const),
  ...(['drive-unheard', 'drive-unheard', 'review', 'partners-vehicle'] as const),
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

const app = 'mobility-app';
const businessId = 'example';

/** Somebody whom a partner has booked for. */
function traveller(scene: TripScene): Promise<Driver> {
  const personId = personOf(app, 'ada', (text) => createHash('sha256').update(text).digest());
  return scene.driver(partnerMethod(operatorId, app), personId);
}

/** The feed by which a partner's vehicle was offered: its trip waits for the partner's price. */
async function isPartners({ scene }: SharingTown): Promise<void> {
  await scene.read();
  const { fence } = await scene.vehicle();
  const trip = await scene.trip(fence);
  await scene.trips.save({ ...trip, partner: 'nextwheel', version: trip.version + 1 }, trip.version);
}

const nextwheel = { name: 'Nextwheel GmbH', taxId: 'DE987654321' };

function partnersPrice(total: number): Bill {
  const issuer = nextwheel;
  const lines = [{ item: 'partner' as const, quantity: 1, price: total, amount: total }];
  return { lines, total, currency: 'EUR', issuer, vat: { market: sampleSystem.market, rate: 700, amount: 0 } };
}

function businessMonths(scene: TripScene): BusinessMonthService {
  const { setup, clock, charges, ledgerBook } = scene;
  const books = scene.fated(ledgerBook);
  return new BusinessMonthService({
    ...{ businesses: books, charges, chargeBook: books, setup, clock },
    accounts: { require: async () => aBusiness },
  });
}

/** Some of what is owed for some month, by transfer; told twice. */
async function transferred(scene: TripScene, { one, other }: Pick<Happening, 'one' | 'other'>): Promise<void> {
  const { clock, charges, ledgerBook } = scene;
  const due = { call: async (one: Due) => void scene.due.push(one) };
  const books = scene.fated(ledgerBook);
  const receipts = new BusinessReceiptService({
    ...{ businesses: books, charges, chargeBook: books, due, clock },
    accounts: { require: async () => aBusiness },
  });
  const open = [...ledgerBook.allCharges.values()].filter(
    ({ kind, payment }) => kind === 'business-month' && payment.kind === 'owed',
  );
  const { payment, reason: month = '2020-01' } = open[other % Math.max(1, open.length)] ?? {};
  const owed = payment?.kind === 'owed' ? payment.owed : 0;
  const amount = one < 1 ? owed : 1 + other * 7;
  const receivedOn = new Date(clock.now()).toISOString().slice(0, 10);
  const said = { receiptId: `bank-${other}-${amount}`, month, amount, currency: 'EUR', receivedOn };
  for (let round = 0; round < 2; round++) {
    await receipts.receive(office.caller, { operatorId, businessId }, said);
  }
}

const address = { street: 'Ring 5', postalCode: '38440', city: 'Wolfsburg', country: 'DE' };
const aBusiness: Business = {
  ...{ operatorId, businessId, systemId, recipient: { name: 'Example AG', address }, costCentres: ['sales'] },
  ...{ paymentMethod: 'sandbox-card', debts: [], version: 1 },
};

/** Or it is not over, or the provider has not answered: what is due goes on. */
function nothingToPay(error: unknown): void {
  const expected = ['nothing-to-invoice', 'month-not-over', 'payment-unavailable'];
  if (!(error instanceof Failure && expected.includes(error.code))) throw error;
}

async function invoiced(scene: TripScene, month: string): Promise<void> {
  const operation = { operationId: anOperationId(), ownKey: month, startedAt: scene.clock.now() };
  await businessMonths(scene).invoice(office.caller, { operatorId, businessId }, month, operation);
}

async function askedForAll(scene: TripScene): Promise<void> {
  for (const month of calendar(scene.clock.now()).toReversed()) await invoiced(scene, month).catch(nothingToPay);
}

/** To the business, for uses of months that were invoiced before. */
async function givenBackLate(town: SharingTown, happenings: readonly Happening[]): Promise<void> {
  const uses = (await town.trips()).filter(({ billTo }) => billTo !== undefined);
  for (const { one, other } of happenings) {
    const use = uses[other % Math.max(1, uses.length)];
    if (use !== undefined) await town.scene.desk.refund(use, office, 1 + one * 90, `late-${other}`).catch(() => {});
  }
}

/** The months of a good year up to now, the last first. By the clock of the city it may be the next one already. */
function calendar(now: number): readonly string[] {
  const day = 24 * 60 * minute;
  const days = Array.from({ length: 401 }, (_, ago) => new Date(now + day - ago * day));
  return [...new Set(days.map((at) => at.toISOString().slice(0, 7)))];
}

/** A person drives for some minutes, and pays by whatever they have. */
async function drive(
  town: SharingTown,
  driver: Driver,
  minutes: number,
  how: { billTo?: string; isPartners?: true } = {},
): Promise<void> {
  await town.hold(driver, how.billTo);
  if (how.isPartners) await isPartners(town);
  await town.key(driver).catch(() => town.key(driver));
  town.start(driver);
  town.wait(minutes);
  town.end();
  await town.scene.take(...town.log.lines.slice(-2));
  await town.stateFences();
  await town.scene.rest();
}

/** The car has no network: what they drive is heard of when it was given back, or has expired; then staff settle it. */
async function driveUnheard(town: SharingTown, driver: Driver, minutes: number): Promise<void> {
  const { scene } = town;
  await town.hold(driver);
  await town.key(driver).catch(() => town.key(driver));
  town.start(driver);
  if (minutes % 2 === 0) await town.cancel(driver).catch(() => town.cancel(driver));
  else town.wait(16);
  await scene.bookings.expire(scene.vehicleId).catch(() => scene.bookings.expire(scene.vehicleId));
  await scene.rest().catch(() => scene.rest());
  town.wait(minutes);
  town.end();
  await scene.take(...town.log.lines.slice(-2));
  await town.stateFences();
  await scene.rest();
  const { fence } = await scene.vehicle();
  await scene.desk.review({ vehicleId: scene.vehicleId, fence }, office, 'settle');
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
    case 'drive-unheard':
      // More often than not by whom a partner has booked for.
      return driveUnheard(town, (other % 4 === 0 ? undefined : drivers.at(-1)) ?? driver, 1 + other);
    case 'at-cost-of-business':
      // Members alone, which partners' customers are not.
      return isTraveller(driver.personId) ? undefined : drive(town, driver, 1 + other, { billTo: businessId });
    case 'invoice-business': {
      const at = scene.clock.now() - (other % 2) * 20 * 24 * 60 * minute;
      return invoiced(scene, new Date(at).toISOString().slice(0, 7));
    }
    case 'receipt':
      return transferred(scene, { one, other });
    case 'partners-vehicle':
      return isTraveller(driver.personId) ? undefined : drive(town, driver, 1 + other, { isPartners: true });
    case 'partners-price': {
      const theirs = trips.filter(({ partner }) => partner !== undefined);
      const one = theirs[other % Math.max(1, theirs.length)];
      const price = { bill: partnersPrice(other * 13), issuer: nextwheel, most: 100_000 };
      if (one !== undefined) {
        await scene.records.saidByPartner(one, (seen) => withPartnerPrice(seen, price, scene.clock.now()));
      }
      return scene.rest();
    }
    case 'later':
      // Over the midnight of a city, or of a month.
      return town.wait(60 * other * (one === 0 ? 10 : 1));
    case 'settle':
      return scene.rest();
    case 'charge': {
      const kind = chargeKinds[other % chargeKinds.length] ?? 'other';
      // What partners' customers are charged is about a use of theirs.
      const use = isTraveller(driver.personId) ? trips.find(({ personId }) => personId === driver.personId) : undefined;
      const fine = other % 3 === 0 ? { fine: { authority: 'Berlin', reference: `${other}`, plate: 'B-FL 1' } } : {};
      await scene.charges.charge({
        ...{ chargeId: chargeIdOf(anOperationId(), scene.clock.now()), operatorId, systemId, kind, amount, ...fine },
        ...(use !== undefined && { reservationId: use.reservationId }),
        ...{ personId: driver.personId, currency: 'EUR', reason: 'case', by: 'office', happenedAt: scene.clock.now() },
      });
      return;
    }
  }
  if (charge !== undefined && (step === 'waive' || step === 'reduce' || step === 'uphold')) {
    const deciding = { kind: step, reason: 'seen', amount, id: `d-${other}` };
    await scene.chargeDesk.decide(office.caller, operatorId, charge.chargeId, deciding);
  }
  if (charge?.debtor.kind === 'person' && isPersonId(charge.debtor.personId)) {
    const mine = { operatorId, personId: charge.debtor.personId };
    const { chargeId } = charge;
    if (step === 'dispute') await scene.chargeDesk.dispute(mine, chargeId, 'It was not me.');
    if (step === 'pay-charge') await scene.chargeDesk.pay(mine, chargeId, `p-${other}`, cards[other % cards.length]);
  }
  if (trip === undefined || !isPersonId(trip.personId)) return;
  const { personId, reservationId } = trip;
  if (step === 'review') await scene.desk.review(trip, office, other % 4 === 0 ? 'waive' : 'settle');
  if (step === 'refund') await scene.desk.refund(trip, office, amount, `refund-${other}`);
  if (step === 'forgive') await scene.desk.forgive(trip, office);
  if (step === 'pay') await scene.mine.pay({ operatorId, personId }, reservationId, `p-${other}`, 'sandbox-card');
  if (step === 'again') await scene.settlement.settle(trip);
}

test('an accountant finds nothing in a month of trips: every cent is invoiced once, taken, owed, or credited', {
  timeout: 60_000,
}, async () => {
  let [documents, carried] = [0, 0];
  const others = { business: 0, transfers: 0, partners: 0, journal: 0, unheard: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 20, maxLength: 50, size: 'max' }),
      fates,
      fc.shuffledSubarray(cards, { minLength: 2, maxLength: 4 }),
      async (happenings, fate, methods) => {
        const accounts = new MemoryAccounts();
        const scene = await new TripScene(
          ...([inMemory(), 'device'] as const),
          (persons, { books, setup }) => new PartnerPayments({ persons, books, accounts, setup }),
          ({ books }) => new PartnerCharges({ books, accounts }),
        ).open();
        const operator = { ...sampleOperator, partners: [aPartner(app, { creditLimit: 30_000 })], version: 2 };
        await scene.setup.saveOperator(operator, 1);
        const paymentMethod = methods[0] ?? 'sandbox-card';
        await scene.ledgerBook.saveBusiness({ ...aBusiness, paymentMethod }, undefined);
        const drivers: Driver[] = [];
        for (const method of methods) drivers.push(await scene.driver(method));
        const customer = await traveller(scene);
        const member = { operatorId, businessId, status: 'accepted', isAdmin: false, since: 0, version: 1 } as const;
        for (const [place, { personId }] of drivers.entries()) {
          const centre = place === 0 ? { costCentre: 'sales' } : {};
          await scene.ledgerBook.saveMember({ ...member, ...centre, personId, memberId: `m-${place}` }, undefined);
        }
        const town = new SharingTown(scene, [...drivers, customer]);
        let call = 0;
        scene.fate = () => fate[call++ % fate.length] ?? 'go';
        // What is refused, or broken off, has done nothing, or goes on later.
        for (const one of happenings) await happen(town, one).catch(() => {});
        await town.quiet();
        // Who closed a month may have died before asking for it; and the last ones are over long after.
        town.wait(40 * 24 * 60);
        await askedForAll(scene);
        await givenBackLate(town, happenings.slice(0, 3));
        await town.quiet();
        town.wait(40 * 24 * 60);
        await askedForAll(scene);
        await town.quiet();
        const months = calendar(scene.clock.now());
        for (const one of happenings.slice(0, 20)) await transferred(scene, one).catch(() => {});
        // What of it has not come may be given up.
        for (const { chargeId, kind } of [...scene.ledgerBook.allCharges.values()]) {
          if (kind !== 'business-month' || happenings.length % 2 === 0) continue;
          const waiving = { kind: 'waive', reason: 'agreed', id: 'last' } as const;
          await scene.chargeDesk.decide(office.caller, operatorId, chargeId, waiving).catch(() => {});
        }
        await town.quiet();
        const accountant = new Accountant(scene);
        documents += await accountant.judge(await town.trips(), months);
        for (const { personId } of drivers) await accountant.judgeBills(personId, months);
        await new OutsideAccountant(scene, accounts).judge(await town.trips(), months, app);
        const trips = await town.trips();
        const closings = [...scene.ledgerBook.allMonths.values()].flatMap(({ closed }) => closed ?? []);
        others.business += closings.length;
        carried += closings.filter((one) => 'carriedTo' in one).length;
        others.transfers += [...scene.ledgerBook.allLines.values()].filter(({ transfer }) => transfer).length;
        others.partners += trips.filter(({ partner, bill }) => partner !== undefined && bill !== undefined).length;
        others.unheard += trips.filter(({ personId, release, payment }) => {
          return isTraveller(personId) && release?.why !== 'ended' && payment.kind === 'captured';
        }).length;
        others.journal += accounts.entriesOf({ operatorId, clientId: app, currency: 'EUR' }).length;
      },
    ),
    { numRuns: 160 },
  );
  // It was about something.
  expect(documents).toBeGreaterThan(500);
  expect(carried).toBeGreaterThan(20);
  expect(Math.min(...Object.values(others)), JSON.stringify(others)).toBeGreaterThan(50);
});

test('what partners book is invoiced to no traveller: it stands in their journals, and the month adds up', async () => {
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
  expect((await city.journal.ofPackage(pack)).map(({ amount }) => amount)).toEqual([100, 9_000, 3_000, -4_000]);
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
