import { beforeEach, describe, expect, test } from 'vitest';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { balance } from '#shared/sharing/payments/payment-book.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import { CarLog, minute, noon, TripScene } from '../../../support/trip-scene.ts';

let scene: TripScene;
let car: CarLog;
let ada: Driver;

beforeEach(async () => {
  scene = await new TripScene().open();
  car = new CarLog(scene.vehicleId);
  ada = await scene.driver();
});

async function keyed(driver = ada): Promise<{ fence: number; reservationId: ReservationId }> {
  const reservationId = await scene.hold(driver);
  await scene.key(driver, reservationId);
  await scene.read();
  return { fence: (await scene.vehicle()).fence, reservationId };
}

const balanceOf = async (reservationId: ReservationId) => {
  const book = await scene.books.load(reservationId);
  return book === undefined ? undefined : balance(book);
};

describe('a trip', () => {
  test('goes from the hold to its bill, by what the vehicle signed', async () => {
    const use = await keyed();
    expect((await scene.trip(1)).state).toEqual({ status: 'held' });
    await scene.take(car.line(use, 'started', noon + 10 * minute));
    expect((await scene.trip(1)).state).toEqual({ status: 'under-way', since: noon + 10 * minute });
    expect(await scene.vehicle()).toMatchObject({ state: 'on_trip', assignment: { startedAt: noon + 10 * minute } });
    await scene.take(car.line(use, 'paused', noon + 20 * minute), car.line(use, 'resumed', noon + 25 * minute));
    car.drive(4_200);
    await scene.take(car.line(use, 'ended', noon + 40 * minute));
    expect((await scene.trip(1)).state).toEqual({ status: 'ended', at: noon + 40 * minute });
    await scene.rest();
    const total = 100 + 25 * 29 + 5 * 9;
    expect(await scene.trip(1)).toMatchObject({
      ...{ state: { status: 'settled' }, bill: { total }, payment: { kind: 'captured', captured: total } },
    });
    expect(await balanceOf(use.reservationId)).toBe(total);
    expect(await scene.vehicle()).toMatchObject({ state: 'available', admits: 2 });
    expect(await scene.repository.driver(ada.operatorId, ada.personId)).not.toHaveProperty('active');
  });

  test('is billed from its start to its end by the vehicle’s own times, however late they are heard of', async () => {
    const use = await keyed();
    const [start, end] = [car.line(use, 'started', noon + minute), car.line(use, 'ended', noon + 11 * minute)];
    scene.clock.advance(5 * 3_600_000);
    await scene.take(end);
    expect((await scene.trip(1)).state.status).toBe('held');
    await scene.take(start);
    await scene.rest();
    expect((await scene.trip(1)).bill?.lines).toMatchObject([{ item: 'unlock' }, { item: 'driving', quantity: 10 }]);
  });

  test('that began before its hold is billed by nobody before somebody has looked at it', async () => {
    const use = await keyed();
    await scene.take(car.line(use, 'started', noon - 180 * minute), car.line(use, 'ended', noon + minute));
    await scene.rest();
    expect(await scene.trip(1)).toMatchObject({
      ...{ state: { status: 'to-review', reasons: ['started-before-hold'] }, payment: { kind: 'open' } },
    });
    expect((await scene.trip(1)).bill).toBeUndefined();
  });

  test('is not billed over a gap in the log', async () => {
    const use = await keyed();
    const start = car.line(use, 'started', noon + minute);
    const gap = [car.line(use, 'paused', noon + 2 * minute), car.line(use, 'resumed', noon + 12 * minute)];
    await scene.take(start, car.line(use, 'ended', noon + 13 * minute));
    await scene.rest();
    expect((await scene.trip(1)).state.status).toBe('under-way');
    expect((await scene.vehicle()).state).toBe('on_trip');
    await scene.take(...gap);
    await scene.rest();
    expect((await scene.trip(1)).bill?.lines).toMatchObject([
      ...[{ item: 'unlock' }, { item: 'driving', quantity: 2 }, { item: 'pausing', quantity: 10 }],
    ]);
  });

  test('counts the reward where it is left charging', async () => {
    const use = await keyed();
    await scene.take(car.line(use, 'started', noon + minute), car.line(use, 'paused', noon + 31 * minute, 12));
    await scene.take(car.line(use, 'charging-started', noon + 32 * minute, 12));
    expect(scene.stream.at(-1)?.[1].moves).toMatchObject([{ event: 'charging_start' }]);
    await scene.take(car.line(use, 'ended', noon + 33 * minute, 13));
    await scene.rest();
    expect((await scene.trip(1)).bill?.lines).toContainEqual(expect.objectContaining({ item: 'charge-reward' }));
  });

  test('that is cancelled, or that nobody comes for, costs nothing and sets free what was set aside', async () => {
    const first = await keyed();
    await scene.bookings.cancel(ada, first.reservationId);
    await scene.rest();
    expect(await scene.trip(1)).toMatchObject({ state: { status: 'cancelled' }, payment: { kind: 'released' } });
    await scene.bookings.admitted(scene.vehicleId, 2);
    const second = await keyed();
    scene.clock.advance(20 * minute);
    await scene.bookings.expire(scene.vehicleId);
    await scene.rest();
    expect(await scene.trip(2)).toMatchObject({ state: { status: 'expired' }, payment: { kind: 'released' } });
    for (const { reservationId } of [first, second]) {
      expect(await balanceOf(reservationId)).toBe(0);
      expect((await scene.books.load(reservationId))?.entries.at(-1)?.kind).toBe('release');
      expect(await scene.payments.authorize(reservationId, 1, 'EUR', 'sandbox-card')).toMatchObject({
        kind: 'declined',
      });
    }
  });

  test('whose car is claimed by the next is expired, with one write of theirs', async () => {
    await scene.hold(ada);
    scene.clock.advance(16 * minute);
    await scene.hold(await scene.driver());
    await scene.rest();
    expect((await scene.trip(1)).state).toMatchObject({ status: 'expired' });
    expect((await scene.trip(2)).state).toMatchObject({ status: 'held' });
  });

  test('follows an extension, and is none the worse for a stream that tells everything twice', async () => {
    const use = await keyed();
    const rules = { minutes: 15, extensionMinutes: 15, extensions: 2 };
    await scene.bookings.extend(ada, use.reservationId, rules, 'once');
    const told = [...scene.stream];
    await scene.read();
    expect((await scene.trip(1)).expiresAt).toBe(noon + 30 * minute);
    await scene.bookings.cancel(ada, use.reservationId);
    told.push(...scene.stream);
    await scene.read();
    const { version } = await scene.trip(1);
    for (const change of told) await scene.records.changed(...change);
    expect((await scene.trip(1)).state.status).toBe('cancelled');
    expect((await scene.trip(1)).version).toBe(version);
  });
});

describe('what a design must survive', () => {
  test('a start at 12:10 whose log arrives at 13:00, after the hold ended at 12:15: a trip to look at, and nobody else’s car', async () => {
    const use = await keyed();
    const [start, end] = [car.line(use, 'started', noon + 10 * minute), car.line(use, 'ended', noon + 70 * minute)];
    scene.clock.advance(20 * minute);
    expect(await scene.bookings.expire(scene.vehicleId)).toBe(true);
    await scene.rest();
    expect((await scene.trip(1)).state.status).toBe('expired');
    scene.clock.advance(40 * minute);
    await scene.take(start);
    expect((await scene.trip(1)).state).toEqual({ status: 'to-review', reasons: ['stale-fence'] });
    await expect(scene.hold(await scene.driver())).rejects.toThrow('refused');
    scene.clock.advance(10 * minute);
    await scene.take(end);
    await scene.rest();
    expect((await scene.trip(1)).course).toMatchObject({ start: { at: start.at }, end: { at: end.at } });
    expect(await balanceOf(use.reservationId)).toBe(0);
    expect(await scene.hold(await scene.driver())).toBeDefined();
  });

  test('a start before the hold ended, of a car that was silent: the hold stood, and the trip is billed', async () => {
    const use = await keyed();
    await scene.bookings.silent(scene.vehicleId, noon + 5 * minute, false);
    const start = car.line(use, 'started', noon + 10 * minute);
    scene.clock.advance(60 * minute);
    expect(await scene.bookings.expire(scene.vehicleId)).toBe(false);
    await scene.take(start, car.line(use, 'ended', noon + 50 * minute));
    await scene.rest();
    expect(await scene.trip(1)).toMatchObject({ state: { status: 'settled' }, payment: { kind: 'captured' } });
    expect(await scene.vehicle()).toMatchObject({ state: 'available', admits: 2 });
  });

  test('a start in the last second whose report failed once and came again: the hold stood, unless somebody took the car since', async () => {
    for (const isTaken of [false, true]) {
      const use = await keyed();
      const heldAt = scene.clock.now();
      const start = car.line(use, 'started', heldAt + 15 * minute - 1_000);
      scene.clock.advance(15.6 * minute);
      expect(await scene.bookings.expire(scene.vehicleId)).toBe(false);
      if (isTaken) await scene.hold(await scene.driver());
      await scene.read();
      scene.clock.advance(3 * minute);
      expect(await scene.bookings.expire(scene.vehicleId)).toBe(false);
      await scene.take(start, car.line(use, 'ended', scene.clock.now()));
      await scene.rest();
      const reviewed = { status: 'to-review', reasons: ['stale-fence'] };
      expect((await scene.trip(use.fence)).state).toMatchObject(isTaken ? reviewed : { status: 'settled' });
    }
    const present = { fence: 3, assignment: { expiresAt: expect.any(Number) } };
    expect(await scene.vehicle()).toMatchObject({ state: 'reserved', ...present });
  });

  test('A cancels, B holds, and the offline car still lets A in: A’s trip is kept to be looked at, B’s hold is not touched', async () => {
    const a = await keyed();
    const ben = await scene.driver();
    await scene.bookings.cancel(ada, a.reservationId);
    scene.clock.advance(20 * minute);
    const b = await scene.hold(ben);
    await scene.read();
    const before = await scene.vehicle();
    await scene.take(car.line(a, 'started', noon + 5 * minute), car.line(a, 'ended', noon + 15 * minute));
    const { log: _, version: __, moves: ___, admits, ...after } = await scene.vehicle();
    expect(before).toMatchObject(after);
    expect(after.assignment?.reservationId).toBe(b);
    expect(admits).toBe(2);
    await scene.rest();
    expect((await scene.trip(1)).state).toEqual({ status: 'to-review', reasons: ['stale-fence'] });
    expect((await scene.trip(2)).state).toEqual({ status: 'held' });
    expect(await scene.repository.driver(ben.operatorId, ben.personId)).toHaveProperty('active.reservationId', b);
  });

  test('an extension leaves the fence alone, so that the car’s log is still that of its holder', async () => {
    const use = await keyed();
    const rules = { minutes: 15, extensionMinutes: 15, extensions: 2 };
    await scene.bookings.extend(ada, use.reservationId, rules, 'once');
    await scene.take(car.line(use, 'started', noon + 20 * minute), car.line(use, 'ended', noon + 30 * minute));
    await scene.rest();
    expect((await scene.trip(1)).state.status).toBe('settled');
  });

  test('a pause underground that outlasts the key changes nothing in the bill', async () => {
    const use = await keyed();
    const start = car.line(use, 'started', noon + minute);
    await scene.take(start);
    scene.clock.advance(30 * 3_600_000);
    const rest = [
      car.line(use, 'paused', noon + 11 * minute),
      car.line(use, 'resumed', noon + (11 + 29 * 60) * minute),
      car.line(use, 'ended', noon + (21 + 29 * 60) * minute),
    ];
    await scene.take(...rest.toReversed());
    await scene.rest();
    expect((await scene.trip(1)).bill?.lines).toMatchObject([
      ...[{ item: 'unlock' }, { item: 'driving', quantity: 20 }, { item: 'pausing', quantity: 60 * 29 }],
      ...[{ item: 'day-cap' }],
    ]);
  });

  test('a key for a driver who never comes while the car is silent is released by nobody but them', async () => {
    const use = await keyed();
    await scene.bookings.silent(scene.vehicleId, noon + minute, false);
    scene.clock.advance(24 * 3_600_000);
    await scene.bookings.expire(scene.vehicleId);
    await scene.rest();
    expect((await scene.trip(1)).state.status).toBe('held');
    await scene.bookings.cancel(ada, use.reservationId);
    await scene.rest();
    expect(await scene.trip(1)).toMatchObject({ state: { status: 'cancelled' }, payment: { kind: 'released' } });
  });

  test('a garaged car without contact, which MDS forbids to cancel: the trip is cancelled all the same', async () => {
    await scene.bookings.admitted(scene.vehicleId, 1);
    await scene.bookings.silent(scene.vehicleId, noon, true);
    const reservationId = await scene.hold(ada);
    await scene.bookings.cancel(ada, reservationId);
    await scene.rest();
    expect((await scene.trip(1)).state.status).toBe('cancelled');
  });

  test('an operator who takes back a running car leaves a trip to look at, which its end completes', async () => {
    const use = await keyed();
    await scene.take(car.line(use, 'started', noon + minute));
    scene.clock.advance(90 * minute);
    await scene.bookings.forceEnd(scene.vehicleId);
    await scene.rest();
    expect((await scene.trip(1)).state).toEqual({ status: 'to-review', reasons: ['forced-end'] });
    await scene.take(car.line(use, 'ended-by-operator', noon + 95 * minute));
    expect((await scene.trip(1)).course?.end?.by).toBe('operator');
    expect((await scene.trip(1)).state.status).toBe('to-review');
  });
});

describe('a line', () => {
  test('that is forged is put aside and told of, and its neighbours count', async () => {
    const use = await keyed();
    const forged = JSON.stringify({ ...car.line(use, 'ended', noon + 2 * minute), isForged: true });
    car.lines.pop();
    const start = JSON.stringify(car.line(use, 'started', noon + minute));
    const heard = await scene.logs.take(scene.vehicleId, [forged, start]);
    expect(heard).toMatchObject({ kept: 1, refused: 1 });
    expect(scene.refused).toEqual([{ line: forged, reason: 'bad-signature' }]);
    expect((await scene.trip(1)).state.status).toBe('under-way');
  });

  test('of another vehicle, or in a place that another line has, changes nothing', async () => {
    const use = await keyed();
    const start = car.line(use, 'started', noon + minute);
    await scene.take(start, { ...start, vehicleId: 'veh-another' });
    await scene.take({ ...start, kind: 'ended' });
    expect(scene.refused.map(({ reason }) => reason)).toEqual(['other-vehicle', 'forked']);
    expect((await scene.trip(1)).state.status).toBe('under-way');
  });

  test('that contradicts itself is counted and leaves the trip to somebody', async () => {
    const use = await keyed();
    await scene.take(car.line(use, 'started', noon + 5 * minute), car.line(use, 'resumed', noon + 6 * minute));
    car.drive(-5);
    await scene.take(car.line(use, 'ended', noon + 4 * minute));
    await scene.rest();
    const reasons = ['out-of-turn', 'clock-set-back', 'odometer-set-back'];
    expect((await scene.trip(1)).state).toEqual({ status: 'to-review', reasons });
    expect(await balanceOf(use.reservationId)).toBe(0);
  });
});
