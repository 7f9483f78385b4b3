import { createHash, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { isPersonId } from '#shared/access/person.ts';
import { FollowingService } from '#shared/partners/following-service.ts';
import { packageIdOf } from '#shared/partners/package-id.ts';
import { isTraveller, personOf } from '#shared/partners/traveller-id.ts';
import { anOperationId } from '../../contract/samples.ts';
import { aPartner, aTraveller, caller, PartnerTown, systemId } from '../../support/partner-town.ts';
import { sampleOperator } from '../../support/sharing-city.ts';

const app = 'mobility-app';
const other = 'other-app';
const ada = aTraveller('ada');
const month = '2026-05';
const digest = (text: string) => createHash('sha256').update(text).digest();

function town(...changes: Parameters<typeof aPartner>[1][]) {
  return new PartnerTown([aPartner(app, changes[0]), aPartner(other)]).open();
}

async function confirmed(city: PartnerTown) {
  const { pack } = await city.bought(app, ada);
  return (await city.service.confirm(caller(app), systemId, pack.packageId)).pack.packageId;
}

test('a package goes from the offer to what it costs, as the vehicle does what it does', async () => {
  const city = await town();
  const pending = await city.bought(app, ada);
  expect(pending).toMatchObject({ standing: { status: 'PENDING', leg: 'NOT_STARTED' }, extensionsLeft: 2 });
  const { packageId } = pending.pack;
  const agreed = await city.service.confirm(caller(app), systemId, packageId);
  expect(agreed.standing).toEqual({ status: 'CONFIRMED', leg: 'NOT_STARTED' });
  expect((await city.leg(app, 'start', packageId)).standing.leg).toBe('READY_TO_USE');
  await city.does('started');
  await city.rest();
  expect((await city.service.require(caller(app), systemId, packageId)).standing).toEqual({
    ...{ status: 'STARTED', leg: 'IN_USE' },
  });
  city.wait(10);
  // A request moves nothing: the vehicle does.
  expect((await city.leg(app, 'pause', packageId)).standing.leg).toBe('IN_USE');
  await city.does('paused');
  expect((await city.leg(app, 'pause', packageId)).standing.leg).toBe('PAUSED');
  city.wait(5);
  await city.leg(app, 'resume', packageId);
  await city.does('resumed');
  expect((await city.leg(app, 'end', packageId)).standing.leg).toBe('ENDING');
  await city.does('ended');
  await city.rest();
  const ended = await city.leg(app, 'end', packageId);
  expect(ended).toMatchObject({ standing: { status: 'ENDED', leg: 'ENDED' }, next: ['confirm-payment'] });
  // Ten minutes of driving, five of pausing, and unlocking.
  const cost = 100 + 10 * 29 + 5 * 9;
  expect(ended.trip?.bill?.total).toBe(cost);
  const { page, total } = await city.journal.list(caller(app), systemId, { month }, { limit: 10 });
  expect(page.items).toMatchObject([{ kind: 'fare', amount: cost }]);
  expect(total).toEqual({ month, charged: cost, entries: 1 });
  const settled = await city.service.settle(caller(app), systemId, packageId);
  expect(settled).toMatchObject({ standing: { status: 'SETTLED' }, next: [] });
  // Whoever heard no answer asks again.
  expect((await city.service.settle(caller(app), systemId, packageId)).standing.status).toBe('SETTLED');
});

test('what nobody confirms expires by the clock, whether or not anybody has looked', async () => {
  const city = await town();
  const { pack } = await city.bought(app, ada);
  city.wait(15);
  const read = await city.service.require(caller(app), systemId, pack.packageId);
  expect(read).toMatchObject({ standing: { status: 'EXPIRED', reason: 'hold-expired' }, next: [] });
  const late = city.service.confirm(caller(app), systemId, pack.packageId);
  await expect(late).rejects.toMatchObject({ code: 'package-expired' });
  await expect(city.leg(app, 'start', pack.packageId)).rejects.toMatchObject({ code: 'package-expired' });
  city.wait(1);
  await city.scene.bookings.expire(city.scene.vehicleId);
  await city.rest();
  expect((await city.packages.load(pack))?.told.status).toBe('EXPIRED');
  // The vehicle is anybody's.
  expect((await city.bought(other, ada)).standing.status).toBe('PENDING');
});

test('an expiry is extended as often as the city lets anybody, and no longer', async () => {
  const city = await town();
  const { pack } = await city.bought(app, ada);
  const extend = () => city.service.extend(caller(app), systemId, pack.packageId, anOperationId());
  expect((await extend()).extensionsLeft).toBe(1);
  const last = await extend();
  expect(last).toMatchObject({ extensionsLeft: 0, use: { expiresAt: pack.expiresAt + 30 * 60_000 } });
  expect(last.next).not.toContain('extend-expiry-time');
  await expect(extend()).rejects.toMatchObject({ code: 'extensions-used' });
});

test('an extension that comes again under its key extends once, and the package has it', async () => {
  const city = await town();
  const { pack } = await city.bought(app, ada);
  const [key, other] = [anOperationId(), anOperationId()];
  const extend = (operationId: string) => city.service.extend(caller(app), systemId, pack.packageId, operationId);
  const save = city.packages.save.bind(city.packages);
  city.packages.save = async () => {
    throw new Error('killed');
  };
  await expect(extend(key)).rejects.toThrow('killed');
  city.packages.save = save;
  const longer = pack.expiresAt + 15 * 60_000;
  for (let round = 0; round < 2; round++) {
    expect(await extend(key)).toMatchObject({ extensionsLeft: 1, pack: { expiresAt: longer, extensions: 1 } });
  }
  // The last one that the city allows is no refusal of itself.
  for (const operationId of [other, other, key]) expect((await extend(operationId)).extensionsLeft).toBe(0);
});

test('the same asset is not bought twice, an offer is bought once, and the same purchase again is the same', async () => {
  const city = await town();
  const [first, second] = [await city.offered(app), await city.offered(app)];
  const { pack } = await city.buy(app, first, ada);
  expect((await city.buy(app, first, ada)).pack).toEqual(pack);
  const grace = aTraveller('grace');
  await expect(city.buy(app, first, grace)).rejects.toMatchObject({ code: 'offer-used' });
  // Written otherwise it is none.
  const otherwise = first.replace(/-0$/, '-00');
  await expect(city.buy(app, otherwise, grace)).rejects.toMatchObject({ code: 'offer-not-found' });
  await expect(city.buy(app, second, grace)).rejects.toMatchObject({ code: 'vehicle-reserved' });
  await expect(city.bought(app, ada)).rejects.toMatchObject({ code: 'already-holding' });
  await expect(city.bought(other, ada)).rejects.toMatchObject({ code: 'vehicle-reserved' });
});

test('offers, packages and legs of another partner do not exist, and neither does the city for whoever is none', async () => {
  const city = await town();
  const offer = await city.offered(app);
  await expect(city.buy(other, offer, ada)).rejects.toMatchObject({ code: 'offer-not-found' });
  const packageId = (await city.buy(app, offer, ada)).pack.packageId;
  const theirs = { code: 'package-not-found' };
  await expect(city.service.confirm(caller(other), systemId, packageId)).rejects.toMatchObject(theirs);
  await expect(city.service.settle(caller(other), systemId, packageId)).rejects.toMatchObject(theirs);
  await expect(city.leg(other, 'start', packageId)).rejects.toMatchObject(theirs);
  expect((await city.reader.list(other, systemId, { limit: 10 })).items).toEqual([]);
  await expect(city.offered('nobody')).rejects.toMatchObject({ code: 'system-not-found' });
});

test('an offer is good for five minutes, and at its price', async () => {
  const city = await town();
  const [late, dear] = [await city.offered(app), await city.offered(app)];
  const plan = await city.scene.setup.plan(systemId, 'by-the-minute');
  if (plan === undefined) throw new Error('no plan');
  await city.scene.setup.addPlan(systemId, { ...plan, version: 2, perMinute: 31 });
  await expect(city.buy(app, dear, ada)).rejects.toMatchObject({ code: 'offer-outdated' });
  city.wait(6);
  await expect(city.buy(app, late, ada)).rejects.toMatchObject({ code: 'offer-expired' });
});

test('a traveller needs the age and the licence that the vehicle asks for, by a partner who is believed', async () => {
  const city = await town();
  const refused = async (changes: Parameters<typeof aTraveller>[1], code: string) =>
    expect(city.bought(app, aTraveller('ada', changes))).rejects.toMatchObject({ code, kind: 'unacceptable' });
  await refused({ isValidated: false }, 'traveller-not-validated');
  await refused({ age: 20 }, 'traveller-too-young');
  await refused({ licenses: [] }, 'traveller-licence-missing');
  const former = { licenseType: { licenseCode: 'B' }, endValidity: '2026-05-30' };
  await refused({ licenses: [former] }, 'traveller-licence-expired');
  const strict = await town({ trusts: [] });
  await expect(strict.bought(app, ada)).rejects.toMatchObject({ code: 'driver-not-verified' });
});

test('what is given back before it was begun costs nothing, and the vehicle is free', async () => {
  for (const process of ['rollback-purchase', 'release-package'] as const) {
    const city = await town();
    const { pack } = await city.bought(app, ada);
    const back = () => city.service.giveBack(caller(app), systemId, pack.packageId, process);
    const status = process === 'release-package' ? 'RELEASED' : 'ROLLBACK';
    expect((await back()).standing.status).toBe(status);
    expect((await back()).standing.status).toBe(status);
    const confirm = city.service.confirm(caller(app), systemId, pack.packageId);
    await expect(confirm).rejects.toMatchObject({ code: 'process-not-possible' });
    await city.rest();
    expect((await city.bought(other, ada)).standing.status).toBe('PENDING');
  }
  const city = await town();
  const packageId = await confirmed(city);
  const cancelled = await city.service.giveBack(caller(app), systemId, packageId, 'cancel-package');
  expect(cancelled.standing.status).toBe('CANCELLED');
  await city.rest();
  expect(city.accounts.all.map(({ owed, aside }) => [owed, aside])).toEqual([[0, {}]]);
});

test('what was begun is not given back', async () => {
  const city = await town();
  const packageId = await confirmed(city);
  await city.leg(app, 'start', packageId);
  await city.does('started');
  const back = city.service.giveBack(caller(app), systemId, packageId, 'rollback-purchase');
  await expect(back).rejects.toMatchObject({
    code: 'process-not-possible',
    resolution: 'Possible now: pause-leg, end-leg.',
  });
});

test('what was told as lapsed, and then tells that it was started in time, is told as it is, and counts as open', async () => {
  const city = await town();
  const packageId = await confirmed(city);
  await city.leg(app, 'start', packageId);
  const { fence, assignment } = await city.scene.vehicle();
  if (assignment === undefined) throw new Error('nobody has it');
  const { reservationId, expiresAt } = assignment;
  const name = { clientId: app, packageId };
  const told = async () => [
    (await city.packages.load(name))?.told.status,
    await city.packages.open(app, sampleOperator.operatorId),
  ];
  city.wait(15);
  await city.rest();
  expect(await told()).toEqual(['CANCELLED', 0]);
  const line = city.log.line({ fence, reservationId }, 'started', expiresAt - 1);
  await city.scene.logs.record(city.scene.vehicleId, [line]);
  await city.rest();
  expect(await told()).toEqual(['STARTED', 1]);
  await city.does('ended');
  await city.rest();
  expect(await told()).toEqual(['ENDED', 0]);
});

test('what is started while it is given back is told as it is, whatever became of the hold meanwhile', async () => {
  for (const course of [['started'], ['started', 'ended']] as const) {
    const city = await town();
    const packageId = await confirmed(city);
    await city.leg(app, 'start', packageId);
    const save = city.packages.save.bind(city.packages);
    city.packages.save = async (pack, seen) => {
      const isSaved = await save(pack, seen);
      city.packages.save = save;
      for (const kind of course) await city.does(kind);
      return isSaved;
    };
    const back = city.service.giveBack(caller(app), systemId, packageId, 'cancel-package');
    await (course.length === 1 ? expect(back).rejects.toMatchObject({ code: 'process-not-possible' }) : back);
    expect((await city.packages.load({ clientId: app, packageId }))?.told.status).toBe('CANCELLED');
    // Its trip is written while whoever follows waits.
    const { packages, reader, scene } = city;
    const following = new FollowingService({ packages, reader, clock: scene.clock, pause: () => scene.rest() });
    await following.follow(scene.vehicleId);
    const status = course.length === 1 ? 'STARTED' : 'ENDED';
    expect((await city.packages.load({ clientId: app, packageId }))?.told.status).toBe(status);
  }
});

test('a leg operation at the wrong time says what is possible instead', async () => {
  const city = await town();
  const { pack } = await city.bought(app, ada);
  const { packageId } = pack;
  await expect(city.leg(app, 'start', packageId)).rejects.toMatchObject({
    ...{ code: 'leg-operation-not-possible' },
    resolution: 'Possible now: confirm-purchase, extend-expiry-time, rollback-purchase, release-package.',
  });
  await city.service.confirm(caller(app), systemId, packageId);
  for (const operation of ['pause', 'resume', 'end'] as const) {
    await expect(city.leg(app, operation, packageId)).rejects.toMatchObject({ code: 'leg-operation-not-possible' });
  }
  const { now } = city.scene.clock;
  const ahead = city.leg(app, 'start', packageId, now.call(city.scene.clock) + 120_000);
  await expect(ahead).rejects.toMatchObject({ code: 'timestamp-not-possible' });
  const before = city.leg(app, 'start', packageId, pack.purchasedAt - 120_000);
  await expect(before).rejects.toMatchObject({ code: 'timestamp-not-possible' });
});

test('a partner has no more packages open, and owes no more, than agreed', async () => {
  const few = await town({ openPackages: 1 });
  const { pack } = await few.bought(app, ada);
  await expect(few.bought(app, aTraveller('grace'))).rejects.toMatchObject({ code: 'packages-too-many' });
  await few.service.giveBack(caller(app), systemId, pack.packageId, 'release-package');
  await few.rest();
  expect((await few.bought(app, aTraveller('grace'))).standing.status).toBe('PENDING');
  const poor = await town({ creditLimit: 1_000 });
  const dear = await poor.bought(app, ada);
  const confirm = poor.service.confirm(caller(app), systemId, dear.pack.packageId);
  await expect(confirm).rejects.toMatchObject({ code: 'payment-declined' });
  expect((await poor.service.require(caller(app), systemId, dear.pack.packageId)).standing.status).toBe('PENDING');
});

test('who buys what another purchase of the same moment takes has nothing, and holds nothing', async () => {
  const city = await town({ openPackages: 1 });
  const { packages } = city;
  const offer = await city.offered(app);
  const counted = packages.open.bind(packages);
  const { pack } = await city.bought(app, aTraveller('grace'));
  await city.service.giveBack(caller(app), systemId, pack.packageId, 'release-package');
  const meanwhile = { ...pack, packageId: packageIdOf('meanwhile', pack.purchasedAt, digest) };
  packages.open = async (...of) => {
    const open = await counted(...of);
    await packages.add(meanwhile, 1);
    return open;
  };
  await expect(city.buy(app, offer, ada)).rejects.toMatchObject({ code: 'packages-too-many' });
  expect((await city.scene.vehicle()).assignment).toBeUndefined();
  packages.open = counted;
  await packages.save({ ...meanwhile, told: { status: 'EXPIRED', leg: 'CANCELLED' }, version: 2 }, meanwhile);
  // What was let go is not sold as if it were held.
  await expect(city.buy(app, offer, ada)).rejects.toMatchObject({ code: 'offer-expired' });
});

test('of two who buy the same at once, as the last that may be open, neither takes the vehicle from the other', async () => {
  const city = await town({ openPackages: 1 });
  const { packages } = city;
  const offer = await city.offered(app);
  const [add, counted] = [packages.add.bind(packages), packages.open.bind(packages)];
  packages.add = async () => {
    // The two writes meet, and the other's stands a moment later.
    packages.add = add;
    packages.open = async (...of) => {
      packages.open = counted;
      await city.buy(app, offer, ada);
      return counted(...of);
    };
    return false;
  };
  const { pack } = await city.buy(app, offer, ada);
  expect((await city.scene.vehicle()).assignment?.reservationId).toBe(pack.reservationId);
  expect([packages.all.length, await counted(app, sampleOperator.operatorId)]).toEqual([1, 1]);
});

test('nobody settles before the price stands', async () => {
  const city = await town();
  const packageId = await confirmed(city);
  const early = city.service.settle(caller(app), systemId, packageId);
  await expect(early).rejects.toMatchObject({ code: 'process-not-possible' });
});

test('a refund stands in the journal, and a receipt lowers what is owed, once each', async () => {
  const city = await town();
  const packageId = await confirmed(city);
  await city.leg(app, 'start', packageId);
  await city.does('started');
  city.wait(10);
  await city.does('ended');
  await city.rest();
  const { fence } = await city.scene.vehicle();
  const decided = { caller: caller('office'), reason: 'agreed' };
  await city.scene.desk.refund({ vehicleId: city.scene.vehicleId, fence }, decided, 90, 'refund-1');
  await city.scene.desk.refund({ vehicleId: city.scene.vehicleId, fence }, decided, 90, 'refund-1');
  const journal = await city.journal.list(caller(app), systemId, { month }, { limit: 10 });
  expect(journal.page.items.map(({ kind, amount }) => [kind, amount])).toEqual([
    ['fare', 390],
    ['refund', -90],
  ]);
  expect(journal.total).toEqual({ month, charged: 300, entries: 2 });
  // Asked for by its package it is the same, entry by entry: also another part, whose first try was cut off.
  let call = 0;
  city.scene.fate = () => (call++ === 4 ? 'killed-before' : 'go');
  const more = () => city.scene.desk.refund({ vehicleId: city.scene.vehicleId, fence }, decided, 50, 'refund-2');
  await expect(more()).rejects.toThrow('killed');
  city.wait(3);
  await more();
  const all = await city.journal.list(caller(app), systemId, { month }, { limit: 10 });
  expect(all.page.items.map(({ id }) => id)).toEqual(['', 'refund-1', 'refund-2']);
  const { pack } = await city.service.require(caller(app), systemId, packageId);
  expect(await city.journal.ofPackage(pack)).toEqual(all.page.items);
  const backwards = city.journal.list(caller(app), systemId, { from: 2, to: 1 }, { limit: 10 });
  await expect(backwards).rejects.toMatchObject({ code: 'empty-range', errors: [{ pointer: 'startTime' }] });
  const receipt = { receiptId: 'r-1', at: city.scene.clock.now(), amount: 200 };
  for (let round = 0; round < 2; round++) {
    expect(await city.journal.receive(journal.name, receipt)).toMatchObject({ owed: 50 });
  }
  const tooMuch = city.journal.receive(journal.name, { ...receipt, receiptId: 'r-2', amount: 101 });
  await expect(tooMuch).rejects.toMatchObject({ code: 'receipt-above-owed' });
  expect(await city.journal.account(journal.name)).toMatchObject({ owed: 50 });
});

test('a traveller is a person of nobody else: neither of another partner nor one who signs in', () => {
  const [one, same, another] = [
    personOf(app, 'ada', digest),
    personOf(app, 'ada', digest),
    personOf(other, 'ada', digest),
  ];
  expect(one).toBe(same);
  expect(one).not.toBe(another);
  expect(isPersonId(one)).toBe(true);
  expect([isTraveller(one), isTraveller(randomUUID())]).toEqual([true, false]);
  // RFC 9562: version 8; the user pool makes version 4.
  expect(one).toMatch(/^.{14}8.{4}[89ab]/);
});

test('a package’s vehicle is called what it was offered as, and by no name that lasts', async () => {
  const city = await town();
  const { pack } = await city.bought(app, ada);
  const named = (asset: string) => city.service.requireAsset(caller(app), systemId, pack.packageId, asset);
  expect((await named(`${pack.vehicleId}-0`)).pack.packageId).toBe(pack.packageId);
  await expect(named(pack.vehicleId)).rejects.toMatchObject({ code: 'asset-not-assignable' });
});
