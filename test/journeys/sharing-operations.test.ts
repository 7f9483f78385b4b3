import { afterAll, beforeAll, expect, test } from 'vitest';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { type Heard, openReceiver, signedBy } from '#local/tour/receiver.ts';
import { at, eventually, problem } from '#local/tour/telling.ts';
import { campaignIdOf } from '#shared/ota/campaigns/campaign-id.ts';
import { ReleasedUpdates } from '#shared/ota/director/campaign-gate.ts';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import { InstallationService } from '#shared/sharing/bookings/installation-service.ts';
import { crossFaults, each, hasSchemas, officialFaults, readGbfs } from '../support/gbfs-feed.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { sampleSystem } from '../support/sharing-city.ts';
import { crowded } from '../support/sharing-crowd.ts';
import type { SharingDriver } from '../support/sharing-driver.ts';
import { middle, type SharedCar, SharingScene } from '../support/sharing-scene.ts';
import { minute, StoryTime } from '../support/story-time.ts';

const time = new StoryTime();
const nudge = () => time.nudge();
let home: JourneyCloud;
let scene: SharingScene;
let cars: readonly SharedCar[];
let ada: SharingDriver;
let bob: SharingDriver;

beforeAll(async () => {
  home = await openCloud({ clock: time.clock, oneTime: true });
  scene = new SharingScene(home);
  await scene.setUp({
    ...{ vehicleTypeId: 'bike', name: 'Bike', formFactor: 'bicycle', propulsion: 'human', seats: 1 },
    ...{ minimumAge: 12, minimumCharge: 0, planId: 'by-the-minute' },
  });
  [cars, ada, bob] = await Promise.all([scene.newCars(3), scene.driver(), scene.driver()]);
}, startTimeout);
afterAll(async () => {
  scene.close();
  await home.close();
});

function car(place: number): SharedCar {
  const found = cars[place];
  if (found === undefined) throw new RangeError('So many cars there are not');
  return found;
}

function order(vehicleId: string, what: string, body?: object) {
  return home.journey.operator.post(`/v1/sharing/vehicles/${vehicleId}/${what}`, body);
}

test('a car that is taken back while it drives is told, drives on, and locks once it stands', async () => {
  const { vehicleId, body } = car(0);
  await ada.has(vehicleId);
  await ada.does(car(0), 'start');
  body.set({ ignitionOn: true, speed: 50 });
  await scene.inState(vehicleId, 'on_trip', nudge);
  const taken = await order(vehicleId, 'forced-end', { reason: 'Said to be stolen, case 4713' });
  expect(taken).toMatchObject({ status: 200, body: { reservationId: ada.reservationId } });
  expect(problem(await bob.hold(vehicleId))).toBe('vehicle-key-not-void');
  const refusals = () => home.log.filter((line) => line.includes('"trip-order"')).length;
  await eventually(
    'an order that the car refuses, and another',
    () => {
      nudge();
      return refusals();
    },
    (many) => many >= 2,
    30_000,
  );
  expect([body.locked, body.immobilised]).toEqual([false, false]);
  body.set({ speed: 0, ignitionOn: false });
  await eventually('a car that is locked', nudge, () => body.locked && body.immobilised, 30_000);
  const trip = await scene.tripIs(vehicleId, ada.reservationId, 'to-review');
  expect(trip).toMatchObject({ reasons: ['forced-end'], payment: { taken: 0 } });
  await scene.held(bob, vehicleId, nudge);
  await bob.asks('cancel');
  const audit = await home.journey.operator.get(`/v1/audit?vehicleId=${vehicleId}`);
  expect(JSON.stringify(audit.body)).toContain('sharing-vehicle.force-end');
});

test('a hold that nobody came for ends by itself, is told as such, and sets the money free', async () => {
  const { vehicleId } = car(1);
  await ada.has(vehicleId);
  expect(await scene.payments(ada.reservationId)).toEqual(['authorize']);
  time.passes(20 * minute);
  await scene.inState(vehicleId, 'available', nudge);
  expect(await ada.tripIs('expired')).toMatchObject({ payment: { status: 'none', taken: 0 } });
  await eventually(
    'the money set free',
    () => scene.payments(ada.reservationId),
    (entries) => entries.join() === 'authorize,release',
  );
  expect((await scene.moves(vehicleId)).slice(-2)).toEqual([
    ...['reservation_start', 'provider_cancellation (hold_expired)'],
  ]);
  expect(problem(await ada.key())).toMatch(/^(hold-expired|reservation-not-found)$/);
});

test('an empty car leaves service and comes back charged; one in maintenance comes back when it is brought', async () => {
  const { vehicleId, body } = car(1);
  time.passes(minute);
  body.set({ charge: 9 });
  await scene.inState(vehicleId, 'non_operational', nudge);
  expect(problem(await ada.hold(vehicleId))).toBe('vehicle-charge-low');
  time.passes(minute);
  body.set({ charge: 60 });
  await scene.inState(vehicleId, 'available', nudge);
  await scene.held(ada, vehicleId, nudge);
  expect(problem(await order(vehicleId, 'out-of-service', { reason: 'maintenance' }))).toBe('vehicle-in-use');
  await ada.asks('cancel');
  expect(await order(vehicleId, 'out-of-service', { reason: 'maintenance' })).toMatchObject({ status: 200 });
  expect(problem(await ada.hold(vehicleId))).toBe('vehicle-not-in-service');
});

test('nothing is installed in a car in service; out of it, it is not brought back over an installation', async () => {
  const [away, here] = [car(1).vehicleId, car(2).vehicleId];
  if (!isVehicleId(away) || !isVehicleId(here)) throw new RangeError('No vehicles');
  const bookings = new DynamoBookingRepository(scene.tables, scene.table('Bookings'));
  const consent = { by: 'operator', at: 0, from: 0, to: time.now() + minute } as const;
  const installations = new InstallationService(bookings);
  const gate = new ReleasedUpdates(
    { load: async () => ({ state: { status: 'running', since: 0 } }) },
    { load: async () => ({ releaseId: 'rel-1', state: { status: 'accepted', consent } }) },
    installations,
  );
  const campaignId = campaignIdOf(time.now(), new Uint8Array(7));
  expect(await gate.ask(here, campaignId, 'install', time.now())).toMatchObject({ reason: 'in-service' });
  await ada.hold(here);
  expect(await gate.ask(here, campaignId, 'install', time.now())).toMatchObject({ detail: /reserved/ });
  await ada.asks('cancel');
  expect(await gate.ask(away, campaignId, 'install', time.now())).toMatchObject({ kind: 'released' });
  expect(problem(await order(away, 'into-service'))).toBe('vehicle-installing');
  await installations.end(away, campaignId);
  expect(await order(away, 'into-service')).toMatchObject({ status: 200, body: { state: 'available' } });
});

test('without money set aside there is no key and the hold stays; what cannot be taken bars holds until it is paid, and nothing else', async () => {
  const [poor, debtor] = await Promise.all([scene.driver('sandbox-declined'), scene.driver('sandbox-capture-fails')]);
  const [{ vehicleId }, other] = [car(0), car(1).vehicleId];
  await scene.held(poor, vehicleId, nudge);
  expect(problem(await poor.key())).toBe('payment-declined');
  expect(await poor.reservation()).toMatchObject({ body: { status: 'held' } });
  await poor.paysWith('sandbox-card');
  expect(await poor.key()).toMatchObject({ status: 201 });
  await poor.asks('cancel');
  await debtor.has(other);
  await debtor.does(car(1), 'start', 'pause', 'resume', 'end');
  const trip = await debtor.tripIs('settled');
  expect(trip).toMatchObject({ payment: { status: 'owed', taken: 0, owed: at(trip, 'total') } });
  await eventually(
    'a debt',
    () => debtor.account(),
    ({ body }) => at(body, 'debt') === at(trip, 'total'),
  );
  expect([car(1).body.locked, car(1).body.immobilised]).toEqual([true, true]);
  await scene.inState(other, 'available');
  expect(problem(await debtor.hold(other))).toBe('debt-open');
  expect(problem(await debtor.pays())).toBe('debt-not-paid');
  expect(await debtor.pays({ paymentMethod: 'sandbox-card' })).toMatchObject({ body: { payment: { status: 'paid' } } });
  await scene.held(debtor, other);
  await debtor.asks('cancel');
});

test('where every first answer of the payment provider is lost, a trip is paid once all the same', async () => {
  const unlucky = await scene.driver('sandbox-answers-lost');
  const { vehicleId } = car(2);
  await scene.held(unlucky, vehicleId, nudge);
  expect(problem(await unlucky.key())).toBe('payment-unavailable');
  expect(await unlucky.key()).toMatchObject({ status: 201 });
  await unlucky.does(car(2), 'start', 'end');
  await eventually(
    'a paid trip',
    () => {
      nudge();
      return unlucky.trip();
    },
    ({ body }) => at(body, 'payment', 'status') === 'paid',
    30_000,
  );
  expect(await scene.payments(unlucky.reservationId)).toEqual(['authorize', 'capture']);
});

test('a bike and a scooter without a VIN are held, opened, ridden and billed as their operator’s client says', async () => {
  const ridden = async (vehicleTypeId: string) => {
    const [vehicleId, rider] = await Promise.all([scene.unregistered(vehicleTypeId), scene.driver()]);
    const now = () => `${new Date(time.now()).toISOString().slice(0, 19)}Z`;
    expect(await order(vehicleId, 'reports', { status: { at: now(), place: middle, charge: 80 } })).toMatchObject({
      status: 200,
    });
    await scene.found(vehicleId, true, middle, nudge);
    await scene.held(rider, vehicleId);
    expect(problem(await rider.key())).toBe('vehicle-takes-no-key');
    expect(await order(vehicleId, 'opening')).toMatchObject({ status: 200 });
    const { reservationId, fence } = Object(at((await scene.vehicle(vehicleId)).body, 'use'));
    const say = (sequence: number, kind: string) => {
      const event = { sequence, kind, at: now(), reservationId, fence, place: middle, odometer: 1_000 * sequence };
      return order(vehicleId, 'reports', { events: [event] });
    };
    const states: unknown[] = [];
    for (const [place, kind] of ['started', 'paused', 'resumed', 'ended'].entries()) {
      states.push(at((await say(place + 1, kind)).body, 'state'));
    }
    expect(states).toEqual(['on_trip', 'stopped', 'on_trip', 'available']);
    const trip = await rider.tripIs('settled');
    expect(trip).toMatchObject({ meters: 3_000, payment: { status: 'paid', owed: 0, taken: at(trip, 'total') } });
    expect(await scene.payments(rider.reservationId)).toEqual(['authorize', 'capture']);
    return (await scene.moves(vehicleId)).slice(1);
  };
  const told = [
    'reservation_start',
    'reservation_stop',
    'trip_start',
    'trip_stop',
    'trip_resume',
    'trip_stop',
    'trip_end',
  ];
  expect([await ridden('bike'), await ridden('scooter')]).toEqual([told, told]);
});

test('the public sees a bike until it is ridden, and afterwards another one; every file fits its schema (where ../shared is there) and the others', async () => {
  const [vehicleId, rider] = await Promise.all([scene.unregistered('bike'), scene.driver()]);
  const stands = { latitude: 52.5301, longitude: 13.4402 };
  const now = () => `${new Date(time.now()).toISOString().slice(0, 19)}Z`;
  const seen = async (what: string, isSo: (bike: unknown) => boolean) => {
    const bike = await eventually(
      `a bike that is ${what}`,
      async () => {
        time.nudge(10_000);
        const feed = await readGbfs(home.cloud.file.gbfs);
        return each(feed.get('vehicle_status'), 'data', 'vehicles').find(({ lat }) => lat === stands.latitude);
      },
      isSo,
      30_000,
    );
    return at(bike, 'vehicle_id');
  };
  await order(vehicleId, 'reports', { status: { at: now(), place: stands } });
  const free = await seen('free', (bike) => at(bike, 'is_reserved') === false);
  await scene.held(rider, vehicleId);
  expect(await seen('held', (bike) => at(bike, 'is_reserved') === true)).toBe(free);
  await order(vehicleId, 'opening');
  const { reservationId, fence } = Object(at((await scene.vehicle(vehicleId)).body, 'use'));
  const say = (sequence: number, kind: string) =>
    order(vehicleId, 'reports', { events: [{ sequence, kind, at: now(), reservationId, fence, odometer: sequence }] });
  await say(1, 'started');
  await seen('ridden', (bike) => bike === undefined);
  await say(2, 'ended');
  const left = await seen('left', (bike) => at(bike, 'is_reserved') === false);
  expect(left).not.toBe(free);
  const feed = await readGbfs(home.cloud.file.gbfs);
  expect(crossFaults(feed)).toEqual([]);
  if (hasSchemas) expect([...feed].flatMap(([name, file]) => officialFaults(name, file))).toEqual([]);
  expect(JSON.stringify([...feed])).not.toMatch(/veh-|B-WS|No\. \d/);
});

test('forty persons at once on three cars: one holder a car, one reservation an Idempotency-Key, each refusal named', async () => {
  const persons = await Promise.all(Array.from({ length: 40 }, () => scene.driver()));
  const { findings, refusals, held } = await crowded(
    persons,
    cars.map(({ vehicleId }) => vehicleId),
    time,
  );
  expect(findings).toEqual([]);
  expect(held).toBeGreaterThanOrEqual(cars.length);
  expect([...refusals].filter((code) => !['vehicle-reserved', 'already-holding', 'contended'].includes(code))).toEqual(
    [],
  );
  expect(refusals.has('vehicle-reserved')).toBe(true);
}, 120_000);

test('a partner’s server is told of each move, signed; what it failed to take comes again, and 410 ends it', async () => {
  const { operator } = home.journey;
  const receiver = await openReceiver();
  try {
    const { operatorId } = sampleSystem;
    const order = { url: receiver.url, types: ['sharing.vehicle.moved'], operatorId };
    const { status, body: webhook } = await operator.post('/v1/webhooks', order);
    expect(status).toBe(201);
    const [path, secret] = [`/v1/webhooks/${at(webhook, 'webhookId')}`, String(at(webhook, 'secretText'))];
    const { vehicleId } = car(2);
    /** Other cars are about, and what happened to this one before may be on its way still. */
    const hears = (event: string, isIt: (call: Heard) => boolean, meanwhile = () => {}) =>
      eventually(
        `a call that tells ${event}`,
        () => {
          meanwhile();
          return receiver.heard.find((call) => {
            const { data } = JSON.parse(call.body);
            return data.vehicleId === vehicleId && data.event === event && isIt(call);
          });
        },
        (call) => call !== undefined,
      );
    await scene.held(ada, vehicleId, nudge);
    const first = await hears('reservation_start', () => true);
    if (first === undefined) throw new Error('nothing was heard');
    expect(signedBy(secret, first)).toEqual([true]);
    expect(JSON.parse(first.body)).toMatchObject({ type: 'sharing.vehicle.moved', data: { operatorId } });
    receiver.answers = 503;
    const rotated = await operator.post(`${path}/rotate-secret`, {});
    await ada.asks('cancel');
    const failed = await hears('customer_cancellation', ({ answered }) => answered === 503);
    receiver.answers = 204;
    const id = failed?.headers['webhook-id'];
    const isAgain = (call: Heard) => call !== failed && call.headers['webhook-id'] === id;
    const again = await hears('customer_cancellation', isAgain, nudge);
    if (failed === undefined || again === undefined) throw new Error('nothing was heard');
    expect(again.body).toBe(failed.body);
    expect(signedBy(String(at(rotated.body, 'secretText')), again)).toEqual([true, false]);
    expect(signedBy(secret, again)).toEqual([false, true]);
    receiver.answers = 410;
    const tested = await operator.post(`${path}/test`, {});
    expect(tested).toMatchObject({ status: 202, body: { status: 'waiting', type: 'webhook.test' } });
    const ended = await eventually(
      'a webhook that is switched off',
      async () => (await operator.get(path)).body,
      (one) => at(one, 'status') === 'disabled',
    );
    expect(ended).toMatchObject({ disabled: { reason: 'gone' } });
    // What a 410 ended may have been another call, of before: then the test is given up as whatever waits for a receiver.
    const isTest = (one: unknown) => at(one, 'deliveryId') === at(tested.body, 'deliveryId');
    const { body: dead } = await eventually(
      'a test that is given up',
      () => {
        nudge();
        return operator.get(`${path}/deliveries?status=dead`);
      },
      ({ body }) => each(body, 'items').some(isTest),
    );
    const reasons = each(dead, 'items').map((one) => at(one, 'reason'));
    expect(reasons).toContain('receiver-gone');
    for (const reason of reasons) expect(['receiver-gone', 'webhook-disabled']).toContain(reason);
    expect(problem(await operator.post('/v1/webhooks', { ...order, url: 'http://10.0.0.1/' }))).toBe(
      'webhook-url-refused',
    );
    expect(home.log.join('')).not.toContain('whsec_');
  } finally {
    receiver.close();
  }
}, 60_000);
