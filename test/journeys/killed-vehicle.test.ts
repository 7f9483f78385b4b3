import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { afterAll, beforeAll, test, vi } from 'vitest';
import { storedIdentity } from '#device-sdk/identity-memory.ts';
import { openStorage } from '#device-sdk/storage.ts';
import type { Journey } from '#local/tour/journey.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { commandTopic } from '#shared/vehicle-cloud/topics.ts';
import { administrator } from '../support/aws-clients.ts';
import { CarProcess } from '../support/car-process.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { loadJourney, loadScene } from '../support/load-scene.ts';

let home: JourneyCloud;
let journey: Journey | undefined;
let car: CarProcess | undefined;

beforeAll(async () => {
  home = await openCloud();
}, startTimeout);
afterAll(async () => {
  vi.unstubAllGlobals();
  await car?.kill();
  await journey?.end();
  await home.close();
});

const seed = Number(process.env['FAULT_SEED'] ?? 1);
const deaths = 5;

/** From 0 to below 1, the same for the same seed and number. */
function drawn(number: number): number {
  return createHash('sha256').update(`${seed}/${number}`).digest().readUInt32BE() / 2 ** 32;
}

test(`a vehicle that is killed at moments of seed ${seed} loses nothing it acknowledged and does nothing twice`, async () => {
  const { cloud, stateDirectory } = home;
  const place = join(stateDirectory, 'load');
  journey = loadJourney(cloud.file, place);
  const scene = await loadScene(
    journey,
    place,
    async (_, vin, vehicleId) => {
      car = new CarProcess(cloud.file, place, vin, vehicleId);
      car.start();
      return car;
    },
    100,
  );
  // The line breaks now and then, so that some of the work is done without one.
  cloud.faults.plan({ kind: 'cut', hop: 'mqtt', label: '*comfort*', when: 'after', probability: 0.02, seed });
  const working = scene.load.work(scene.topic);
  for (let death = 0; death < deaths; death += 1) {
    // The first notes of a life are made before the line stands: readings and reports wait on disk.
    await scene.car.noted(Math.floor(1 + drawn(death) ** 2 * 600));
    if (death % 2 === 1) await scene.car.obeys();
    await scene.car.kill();
    scene.car.start();
  }
  await scene.car.noted(100);
  scene.load.end();
  await working;
  await scene.car.kill();
  cloud.faults.endAll();
  scene.car.start('--rest');
  await everyCommandAgain(journey, scene.car);
  vi.unstubAllGlobals();
  // An end goes into the audit when the command's reminder comes.
  const lapse = setInterval(() => cloud.clock.runAhead(cloud.clock.ahead + 5_000), 250);
  await scene.load.isAllThere(cloud.file).finally(() => clearInterval(lapse));
  await scene.wakes();
  await hasOneCertificate(scene.car);
}, 200_000);

/** QoS 1: whatever the vehicle was told it may be told again, in another of its lives too. */
async function everyCommandAgain({ cloud, operator }: Journey, again: CarProcess): Promise<void> {
  const devices = new IoTDataPlaneClient(administrator(cloud));
  const now = Date.now();
  const rest = { name: 'doors.lock', parameters: {}, issuedAt: now, expiresAt: now + 60_000 };
  for (const { commandId } of again.did('locked')) {
    const payload = Buffer.from(JSON.stringify({ commandId, ...rest }));
    await devices.send(new PublishCommand({ topic: commandTopic(again.vehicleId), payload, qos: 1 }));
  }
  devices.destroy();
  // It comes behind them: once it is carried out, they have been looked at.
  await eventually(
    'a vehicle that has seen them',
    () => operator.post(`/v1/vehicles/${again.vehicleId}/commands`, { name: 'doors.lock' }, { prefer: 'wait=20' }),
    ({ body }) => at(body, 'status') === 'succeeded',
    60_000,
  );
}

/** Of all that the vehicle was given, the one that it keeps is good, and no other. */
async function hasOneCertificate({ directory, vehicleId }: CarProcess): Promise<void> {
  const { certificates, things } = home.cloud.iot.registry;
  await eventually(
    'one good certificate, which is its own',
    () => {
      const good = things.principalsOf(vehicleId).filter((id) => certificates.get(id).status === 'ACTIVE');
      return { good, own: storedIdentity(openStorage(directory))?.certificateId };
    },
    ({ good, own }) => good.length === 1 && good[0] === own,
    20_000,
  );
}
