import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { peugeot } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

const minute = 60_000;
let scene: JourneyCloud;

beforeAll(async () => {
  scene = await openCloud();
}, startTimeout);
afterEach(() => scene.cloud.clock.runAhead(0));
afterAll(() => scene.close());

test('a token lives for an hour of the cloud, and not a minute longer', async () => {
  const { journey, cloud } = scene;
  const authorization = `Bearer ${await journey.operator.token()}`;
  const status = async () =>
    (await fetch(`${cloud.file.api.baseUrl}/v1/vehicles`, { headers: { authorization } })).status;
  expect(await status()).toBe(200);
  cloud.clock.runAhead(59 * minute);
  expect(await status()).toBe(200);
  cloud.clock.runAhead(61 * minute);
  expect(await status()).toBe(401);
});

test('functions see the moved time, and their calls of AWS are let through all the same', async () => {
  const { journey, cloud } = scene;
  cloud.clock.runAhead(45 * minute);
  const before = cloud.clock.now();
  const { status, body } = await journey.operator.post('/v1/vehicles', { ...peugeot, vin: 'VR3UHZKXZMT000077' });
  expect(status).toBe(201);
  const registeredAt = Date.parse(String(at(body, 'registeredAt')));
  expect(registeredAt).toBeGreaterThanOrEqual(before - 1000);
  expect(registeredAt).toBeLessThanOrEqual(cloud.clock.now() + 1000);
});

test('a reservation that nobody confirmed lapses after ten minutes, also for another key', async () => {
  const { journey, cloud } = scene;
  const vin = 'VR3UHZKXZMT000078';
  const vehicleId = await journey.registered({ ...peugeot, vin });
  const first = journey.vehicle(vin, {}, 'first-key');
  const former = await first.provision(); // reserved, and never connected
  const second = journey.vehicle(vin, {}, 'second-key');
  await expect(second.provision()).rejects.toThrow(/hook/);
  cloud.clock.runAhead(11 * minute);
  const taken = await second.provision();
  expect(taken.vehicleId).toBe(vehicleId);
  const { certificates } = cloud.iot.registry;
  await eventually(
    'the former certificate revoked',
    () => certificates.get(former.certificateId).status,
    (status) => status === 'REVOKED',
  );
});
