import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Vehicle } from '#device-sdk/vehicle.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { published } from '../support/device.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { rawVehicle } from '../support/raw-vehicle.ts';

let home: JourneyCloud;
beforeAll(async () => {
  home = await openCloud();
}, startTimeout);
afterAll(() => home.close());

let serial = 700;

/** A vehicle on the SDK that is online. */
async function aCar(): Promise<{ car: Vehicle; vehicleId: string; vin: string }> {
  const vin = `WVWZZZAUZLW000${serial++}`;
  const vehicleId = await home.journey.registered({ vin, brand: 'volkswagen', model: 'Golf', market: 'DE' });
  const car = home.journey.vehicle(vin);
  await car.connect();
  await eventually(
    'an active vehicle',
    () => home.journey.operator.get(`/v1/vehicles/${vehicleId}`),
    ({ body }) => at(body, 'status') === 'active',
  );
  return { car, vehicleId, vin };
}

const driver = () => home.journey.person('driver');
const second = () => home.journey.person('second-driver');

function ownerChanges(vehicleId: string): readonly unknown[] {
  const { buses } = home.cloud;
  const events = buses.busNames().flatMap((name) => buses.recent(name));
  return events
    .filter(({ source }) => source === 'fleetloom.ownership')
    .map(({ detail }) => detail)
    .filter((detail) => at(detail, 'vehicleId') === vehicleId);
}

function problem({ body }: { readonly body: unknown }): string {
  return String(at(body, 'type')).replace('/docs#problem-', '');
}

test('a car shows a code, a person claims it, hands it on, the other accepts and gives it up', async () => {
  const { car, vehicleId, vin } = await aCar();
  const shown: (string | undefined)[] = [];
  car.ownership.onCode((code) => shown.push(code?.code));
  const { code, expiresAt } = await car.ownership.showCode();
  expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  expect(expiresAt - Date.now()).toBeGreaterThan(500_000);

  const claimed = await driver().post('/v1/me/vehicles', { vin, code: code.toLowerCase() });
  expect([claimed.status, claimed.body]).toMatchObject([201, { vehicleId, model: 'Golf' }]);
  expect(JSON.stringify(claimed.body)).not.toContain(vin);
  await eventually(
    'a screen without a code',
    () => car.ownership.code,
    (present) => present === undefined,
  );
  expect(shown).toEqual([code, undefined]);
  const mine = await driver().get(`/v1/me/vehicles/${vehicleId}`);
  expect(at(mine.body, 'vin')).toBe(vin);

  const offer = await driver().post(`/v1/me/vehicles/${vehicleId}/handover`, { to: 'second-driver' });
  expect(offer.status).toBe(201);
  const offers = await second().get('/v1/me/offers');
  expect(at(offers.body, 'items')).toMatchObject([{ vehicleId, model: 'Golf' }]);
  const accepted = await second().post(`/v1/me/offers/${at(offer.body, 'offerId')}/acceptance`, undefined);
  expect(accepted.status).toBe(200);
  expect((await driver().get(`/v1/me/vehicles/${vehicleId}`)).status).toBe(404);

  expect((await second().send('DELETE', `/v1/me/vehicles/${vehicleId}`, {})).status).toBe(200);
  const history = await home.journey.operator.get(`/v1/vehicles/${vehicleId}/ownership/history`);
  expect(at(history.body, 'items')).toMatchObject([
    { reason: 'given-up' },
    { reason: 'handed-on' },
    { reason: 'claimed' },
  ]);
  const told = await eventually(
    'three events on the bus',
    () => ownerChanges(vehicleId),
    (events) => events.length === 3,
  );
  expect(told).toMatchObject([
    { reason: 'claimed', brand: 'volkswagen' },
    { reason: 'handed-on', previousPersonId: expect.anything(), personId: expect.anything() },
    { reason: 'given-up', previousPersonId: expect.anything() },
  ]);
  const audit = await home.journey.operator.get(`/v1/audit?vehicleId=${vehicleId}`);
  expect(JSON.stringify(audit.body)).not.toContain(code);
});

test('bad input of a claim is named, changes nothing and shows nothing of another person', async () => {
  const [one, other] = [await aCar(), await aCar()];
  const { code } = await one.car.ownership.showCode();
  const { code: foreign } = await other.car.ownership.showCode();
  const claim = (vehicleId: string, text: unknown, person = driver()) =>
    person.post('/v1/me/vehicles', { vehicleId, code: text });
  expect(problem(await claim(one.vehicleId, foreign))).toBe('claim-code-wrong');
  expect(problem(await claim('veh-aaaaaaaaaaaaaaaaaaaa', code))).toBe('claim-code-wrong');
  expect(problem(await claim(one.vehicleId, '12'))).toBe('invalid-body');
  expect((await claim(one.vehicleId, code)).status).toBe(201);
  expect(problem(await claim(one.vehicleId, (await one.car.ownership.showCode()).code, second()))).toBe(
    'vehicle-owned',
  );
  expect(problem(await home.journey.operator.post('/v1/me/vehicles', { vehicleId: one.vehicleId, code }))).toBe(
    'person-token-needed',
  );
  for (let tried = 1; tried <= 5; tried++) {
    expect(problem(await claim(other.vehicleId, '0000-0000', second()))).toBe('claim-code-wrong');
  }
  expect(problem(await claim(other.vehicleId, foreign, second()))).toBe('claim-code-exhausted');
  const oneself = await driver().post(`/v1/me/vehicles/${one.vehicleId}/handover`, { to: 'driver' });
  expect(problem(oneself)).toBe('handover-to-oneself');
  const free = await home.journey.operator.get(`/v1/vehicles/${other.vehicleId}/ownership`);
  expect(free.body).toEqual({ vehicleId: other.vehicleId, owned: false });
});

test('a vehicle asks for no other vehicle’s code, and a request that is none goes to quarantine', async () => {
  const [one, other] = [await rawVehicle(home, `WVWZZZAUZLW000${serial++}`), await aCar()];
  const topic = one.identity.topics.claimCodeRequestTopic ?? '';
  const theirs = topic.replace(one.vehicleId, other.vehicleId);
  expect(await published(one.client, theirs, '{"requestId":"x"}')).toBe(0x87);
  expect(await published(one.client, topic, '{"requestId":7}')).toBe(0);
  const { car } = other;
  expect(car.ownership.code).toBeUndefined();
});
