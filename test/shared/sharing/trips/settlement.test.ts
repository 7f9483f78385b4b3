import { beforeEach, describe, expect, test } from 'vitest';
import { isPersonId, type PersonId } from '#shared/access/person.ts';
import type { BookingRepository } from '#shared/sharing/bookings/booking-repository.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { balance, type PaymentEntry } from '#shared/sharing/payments/payment-book.ts';
import { depositOf } from '#shared/sharing/prices/bill.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import { reservationIdPattern } from '#shared/sharing/sharing-id.ts';
import { SettlementService } from '#shared/sharing/trips/settlement-service.ts';
import { samplePlan } from '../../../support/sharing-city.ts';
import { CarLog, minute, noon, TripScene } from '../../../support/trip-scene.ts';

let scene: TripScene;
let car: CarLog;

beforeEach(async () => {
  scene = await new TripScene().open();
  car = new CarLog(scene.vehicleId);
});

/** Ten minutes, and what else there is, up to the end of the trip; nothing is settled. */
async function driven(driver: Driver, minutes = 10): Promise<ReservationId> {
  const reservationId = await scene.hold(driver);
  await scene.key(driver, reservationId);
  const use = { fence: (await scene.vehicle()).fence, reservationId };
  await scene.read();
  await scene.take(car.line(use, 'started', noon), car.line(use, 'ended', noon + minutes * minute));
  await scene.read();
  return reservationId;
}

const tenMinutes = 100 + 10 * 29;
const key = () => ({ vehicleId: scene.vehicleId, fence: 1 });

async function entries(reservationId: ReservationId, kind: PaymentEntry['kind']) {
  return (await scene.books.load(reservationId))?.entries.filter((entry) => entry.kind === kind) ?? [];
}

async function driverNow({ operatorId, personId }: Driver): Promise<Driver | undefined> {
  return scene.repository.driver(operatorId, personId);
}

function personOf({ personId }: Driver): PersonId {
  if (isPersonId(personId)) return personId;
  throw new Error(personId);
}

describe('settling', () => {
  test('charges nothing before it is known whose use the log is of', async () => {
    const driver = await scene.driver();
    const reservationId = await scene.hold(driver);
    await scene.key(driver, reservationId);
    await scene.read();
    await scene.bookings.cancel(driver, reservationId);
    const use = { fence: 1, reservationId };
    // The car has heard of no cancellation, and the trip has not either.
    await scene.take(car.line(use, 'started', noon), car.line(use, 'ended', noon + 10 * minute));
    await scene.settlement.settle(key());
    expect(await entries(reservationId, 'capture')).toEqual([]);
    await scene.rest();
    expect((await scene.trip(1)).state).toEqual({ status: 'to-review', reasons: ['stale-fence'] });
    expect(await entries(reservationId, 'capture')).toEqual([]);
  });

  test('brings a charge that has begun to its end, whatever is heard of the trip meanwhile', async () => {
    const driver = await scene.driver('sandbox-answers-lost');
    const reservationId = await scene.hold(driver);
    await scene.key(driver, reservationId).catch(() => scene.key(driver, reservationId));
    const use = { fence: 1, reservationId };
    await scene.read();
    await scene.take(car.line(use, 'started', noon), car.line(use, 'ended', noon + 10 * minute));
    await scene.read();
    await expect(scene.settlement.settle(key())).rejects.toMatchObject({ code: 'payment-unavailable' });
    expect((await scene.trip(1)).payment.kind).toBe('capturing');
    await scene.take(car.line(use, 'started', noon + 20 * minute));
    expect((await scene.trip(1)).course?.flaws).toEqual(['out-of-turn']);
    const office = { caller: { clientId: 'office', scopes: new Set<never>(), brands: [] }, reason: 'goodwill' };
    await expect(scene.desk.review(key(), office, 'waive')).rejects.toMatchObject({ code: 'trip-not-to-review' });
    await scene.settlement.settle(key());
    expect(await scene.trip(1)).toMatchObject({ state: { status: 'settled' }, payment: { captured: tenMinutes } });
    expect((await scene.trip(1)).state).not.toHaveProperty('waived');
  });

  test('takes what the bill says, once, however often it is asked for and by how many at once', async () => {
    const reservationId = await driven(await scene.driver());
    await Promise.all(Array.from({ length: 8 }, () => scene.settlement.settle(key())));
    await scene.settlement.settle(key());
    expect(await entries(reservationId, 'capture')).toMatchObject([{ amount: tenMinutes }]);
    expect(await scene.trip(1)).toMatchObject({ state: { status: 'settled' }, payment: { kind: 'captured' } });
  });

  test('takes nothing, and keeps nothing set aside, where the reward has paid for it all', async () => {
    const driver = await scene.driver();
    const reservationId = await scene.hold(driver);
    await scene.key(driver, reservationId);
    const use = { fence: 1, reservationId };
    await scene.read();
    const plugged = [car.line(use, 'started', noon), car.line(use, 'charging-started', noon + 1, 5)];
    await scene.take(...plugged, car.line(use, 'ended', noon + minute));
    await scene.rest();
    expect(await scene.trip(1)).toMatchObject({ bill: { total: 0 }, payment: { kind: 'captured', captured: 0 } });
    expect((await scene.books.load(reservationId))?.entries.map(({ kind }) => kind)).toEqual(['authorize', 'release']);
  });

  test('gets the answer that was lost by asking again', async () => {
    const driver = await scene.driver('sandbox-answers-lost');
    const reservationId = await scene.hold(driver);
    const authorize = () =>
      scene.payments.authorize(reservationId, depositOf(samplePlan), 'EUR', 'sandbox-answers-lost');
    await expect(authorize()).rejects.toMatchObject({ code: 'payment-unavailable' });
    expect(await authorize()).toEqual({ kind: 'authorized' });
    await scene.bookings.issueKey(driver, reservationId);
    const use = { fence: 1, reservationId };
    await scene.read();
    await scene.take(car.line(use, 'started', noon), car.line(use, 'ended', noon + 10 * minute));
    await scene.read();
    await expect(scene.settlement.settle(key())).rejects.toMatchObject({ code: 'payment-unavailable' });
    await scene.settlement.settle(key());
    expect(await entries(reservationId, 'capture')).toHaveLength(1);
    expect((await scene.trip(1)).payment).toMatchObject({ kind: 'captured', captured: tenMinutes });
  });

  test('makes a debt of what cannot be taken, which bars the next hold, and neither a lock nor the end of a trip', async () => {
    const driver = await scene.driver('sandbox-capture-fails');
    const reservationId = await driven(driver);
    await scene.rest();
    const debt = { reservationId, amount: tenMinutes, currency: 'EUR', since: scene.clock.now() };
    expect(await driverNow(driver)).toMatchObject({ debt: tenMinutes, debtCurrency: 'EUR', debts: [debt] });
    expect(await scene.vehicle()).toMatchObject({ state: 'available' });
    await expect(scene.hold(driver)).rejects.toThrow('refused');
  });

  test('owes only what is missing where part of it could be taken', async () => {
    const driver = await scene.driver('sandbox-funds-4000');
    const reservationId = await driven(driver, 1_000);
    await scene.rest();
    const captured = depositOf(samplePlan);
    const { bill, payment } = await scene.trip(1);
    expect(payment).toMatchObject({ kind: 'owed', captured, owed: (bill?.total ?? 0) - captured });
    expect(await entries(reservationId, 'capture')).toMatchObject([{ amount: captured }]);
  });

  test('an expired authorization is a debt that the same card pays', async () => {
    const driver = await scene.driver('sandbox-authorization-expires');
    const reservationId = await driven(driver);
    await scene.rest();
    expect(await driverNow(driver)).toMatchObject({ debt: tenMinutes });
    const customer = { operatorId: driver.operatorId, personId: personOf(driver) };
    await scene.mine.pay(customer, reservationId, 'first');
    await scene.mine.pay(customer, reservationId, 'second');
    expect(await entries(reservationId, 'collect')).toMatchObject([{ amount: tenMinutes, id: 'first' }]);
    expect((await scene.trip(1)).payment).toMatchObject({ kind: 'paid', captured: 0, collected: tenMinutes });
    const after = await driverNow(driver);
    expect(after?.debt).toBe(0);
    expect(after).not.toHaveProperty('debts');
    expect(await scene.hold(driver)).toMatch(reservationIdPattern);
  });

  test('a debt whose payment is declined stays, and is paid by another card', async () => {
    const driver = await scene.driver('sandbox-capture-fails');
    const reservationId = await driven(driver);
    await scene.rest();
    const customer = { operatorId: driver.operatorId, personId: personOf(driver) };
    const declined = scene.mine.pay(customer, reservationId, 'one');
    await expect(declined).rejects.toMatchObject({ code: 'debt-not-paid' });
    expect(await driverNow(driver)).toMatchObject({ debt: tenMinutes });
    await scene.mine.pay(customer, reservationId, 'two', 'sandbox-card');
    expect(await driverNow(driver)).toMatchObject({ debt: 0 });
    await expect(scene.mine.pay(customer, reservationId, 'three', 'sandbox-card')).resolves.toBeDefined();
    const book = await scene.books.load(reservationId);
    expect(book === undefined ? 0 : balance(book)).toBe(tenMinutes);
  });

  test.each(['driver', 'save'] as const)(
    'who tells of a debt that is paid meanwhile tells that it is paid (%s)',
    async (at) => {
      const driver = await scene.driver('sandbox-authorization-expires');
      const reservationId = await driven(driver);
      const { repository, trips, payments, clock } = scene;
      const customer = { operatorId: driver.operatorId, personId: personOf(driver) };
      let isPaid = false;
      const paying = async (call: 'driver' | 'save') => {
        if (isPaid || call !== at) return;
        isPaid = true;
        await scene.mine.pay(customer, reservationId, 'first');
      };
      const slow: Pick<BookingRepository, 'driver' | 'save'> = {
        driver: async (...args) => {
          await paying('driver');
          return repository.driver(...args);
        },
        save: async (step) => {
          await paying('save');
          return repository.save(step);
        },
      };
      await new SettlementService({ trips, bookings: slow, payments, ledger: scene.ledger, clock }).settle(key());
      expect(await driverNow(driver)).toMatchObject({ debt: 0 });
      expect((await scene.trip(1)).payment.kind).toBe('paid');
    },
  );
});

describe('a crash', () => {
  /** The n-th call of any port breaks off, before it is done or after it was. */
  async function brokenAt(call: number, when: 'before' | 'after', paymentMethod: string) {
    const fresh = await new TripScene().open();
    [scene, car] = [fresh, new CarLog(fresh.vehicleId)];
    const driver = await fresh.driver(paymentMethod);
    const reservationId = await driven(driver);
    let calls = 0;
    fresh.fate = () => {
      calls += 1;
      return calls === call ? `killed-${when}` : 'go';
    };
    const isKilled = await fresh.settlement.settle(key()).then(
      () => false,
      () => true,
    );
    fresh.fate = () => 'go';
    await fresh.rest();
    await fresh.settlement.settle(key());
    return { isKilled, driver: await driverNow(driver), reservationId };
  }

  test.each(['before', 'after'] as const)(
    '%s any step of a settlement loses nothing and takes nothing twice',
    async (when) => {
      for (let call = 1; ; call++) {
        const { isKilled, reservationId, driver } = await brokenAt(call, when, 'sandbox-card');
        expect(await entries(reservationId, 'capture')).toMatchObject([{ amount: tenMinutes }]);
        expect(driver?.debt).toBe(0);
        if (!isKilled) break;
      }
      for (let call = 1; ; call++) {
        const { isKilled, reservationId, driver } = await brokenAt(call, when, 'sandbox-capture-fails');
        expect(await entries(reservationId, 'capture')).toMatchObject([{ amount: 0 }]);
        expect(driver).toMatchObject({ debt: tenMinutes, debts: [{ amount: tenMinutes }] });
        if (!isKilled) break;
      }
    },
  );
});

describe('an operator', () => {
  const decided = { caller: { clientId: 'office', scopes: new Set<never>(), brands: [] }, reason: 'agreed' };

  test('settles a doubtful trip as the vehicle told it, or to an earlier time, or waives it', async () => {
    const driver = await scene.driver();
    const reservationId = await scene.hold(driver);
    await scene.key(driver, reservationId);
    const use = { fence: 1, reservationId };
    await scene.read();
    await scene.take(car.line(use, 'started', noon), car.line(use, 'resumed', noon + minute));
    const wait = scene.desk.review(key(), decided, 'settle');
    await expect(wait).rejects.toMatchObject({ code: 'trip-end-unknown' });
    await scene.take(car.line(use, 'ended', noon + 10 * minute));
    await scene.rest();
    expect((await scene.trip(1)).state.status).toBe('to-review');
    for (const wrong of [noon - 1, noon + 11 * minute]) {
      await expect(scene.desk.review(key(), decided, 'settle', { endedAt: wrong })).rejects.toMatchObject({
        code: 'trip-end-impossible',
      });
    }
    scene.clock.advance(5 * minute);
    const settled = await scene.desk.review(key(), decided, 'settle', { endedAt: noon + 5 * minute });
    expect(settled).toMatchObject({ state: { status: 'settled' }, bill: { total: 100 + 5 * 29 } });
    expect(await scene.desk.review(key(), decided, 'settle')).toEqual(settled);
    await expect(scene.desk.review(key(), decided, 'waive')).rejects.toMatchObject({ code: 'trip-not-to-review' });
  });

  test('who waives a trip charges nothing and sets free what was set aside', async () => {
    const driver = await scene.driver();
    const reservationId = await scene.hold(driver);
    await scene.key(driver, reservationId);
    await scene.read();
    const use = { fence: 1, reservationId };
    await scene.take(car.line(use, 'started', noon), car.line(use, 'resumed', noon + minute));
    const trip = await scene.desk.review(key(), decided, 'waive');
    expect(trip).toMatchObject({ state: { status: 'settled', waived: true }, payment: { kind: 'released' } });
    expect((await scene.books.load(reservationId))?.entries.map(({ kind }) => kind)).toEqual(['authorize', 'release']);
  });

  test('gives back part, and never more than was taken; the same refund once', async () => {
    const reservationId = await driven(await scene.driver());
    await scene.rest();
    await scene.desk.refund(key(), decided, 100, 'one');
    await scene.desk.refund(key(), decided, 100, 'one');
    const tooMuch = scene.desk.refund(key(), decided, tenMinutes - 99, 'two');
    await expect(tooMuch).rejects.toMatchObject({ code: 'refund-too-high' });
    await scene.desk.refund(key(), decided, tenMinutes - 100, 'three');
    const book = await scene.books.load(reservationId);
    expect(book === undefined ? undefined : balance(book)).toBe(0);
    expect(await entries(reservationId, 'refund')).toHaveLength(2);
  });

  test('forgives a debt, and the driver may hold again', async () => {
    const driver = await scene.driver('sandbox-capture-fails');
    await driven(driver);
    await scene.rest();
    await scene.desk.forgive(key(), decided);
    expect(await scene.desk.forgive(key(), decided)).toMatchObject({
      payment: { kind: 'forgiven', forgiven: tenMinutes, by: 'office', reason: 'agreed' },
    });
    expect(await scene.hold(driver)).toMatch(reservationIdPattern);
    await expect(scene.desk.refund(key(), decided, 1, 'one')).rejects.toMatchObject({ code: 'refund-too-high' });
  });
});
