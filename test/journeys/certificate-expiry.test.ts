import { afterAll, beforeAll, expect, test } from 'vitest';
import { storedIdentity } from '#device-sdk/identity-memory.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { eventually } from '#local/tour/telling.ts';
import { attempt } from '../support/device.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

const day = 24 * 3_600_000;
let scene: JourneyCloud;

beforeAll(async () => {
  scene = await openCloud({ certificateLife: 60 * day });
}, startTimeout);
afterAll(() => scene.close());

test('a certificate opens until its end by the clock of the cloud, and again where that clock runs back', async () => {
  const { journey, cloud, stateDirectory } = scene;
  const vin = 'WVWZZZAUZLW000700';
  const vehicleId = await journey.registered({ ...golf, vin });
  const vehicle = journey.vehicle(vin);
  await vehicle.connect();
  await vehicle.close();
  const identity = storedIdentity(openStorage(`${stateDirectory}/vehicles/${vin}`));
  if (identity === undefined) throw new Error('no identity');
  const letIn = async () =>
    (await attempt(cloud.file, identity, vehicleId).catch(() => undefined))?.connack.reasonCode === 0;
  for (const [ahead, opens] of [
    [0, true],
    [59, true],
    [61, false],
    [59, true],
    [0, true],
  ] as const) {
    cloud.clock.runAhead(ahead * day);
    expect({ ahead, opens: await letIn() }).toEqual({ ahead, opens });
  }
});

test('a vehicle whose certificate nears its end changes it by itself, by the time that the cloud tells', async () => {
  const { journey, cloud } = scene;
  const vin = 'WVWZZZAUZLW000701';
  await journey.registered({ ...golf, vin });
  const before = journey.vehicle(vin);
  await before.connect();
  const first = before.certificate;
  await before.close();
  cloud.clock.runAhead(58 * day);
  const vehicle = journey.vehicle(vin);
  await vehicle.connect();
  await eventually(
    'another certificate',
    () => vehicle.presence.status === 'online' && vehicle.certificate,
    (now) => typeof now === 'object' && now.certificateId !== first?.certificateId,
  );
  expect(vehicle.certificate?.expiresAt).toBeGreaterThan((first?.expiresAt ?? 0) + 50 * day);
  await eventually(
    'the former one revoked',
    () => cloud.iot.registry.certificates.find(first?.certificateId ?? '')?.status,
    (status) => status === 'REVOKED',
  );
  cloud.clock.runAhead(0);
});
