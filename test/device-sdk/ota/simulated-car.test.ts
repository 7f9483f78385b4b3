import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { factoryImage, SimulatedCar, type SimulatedUnit } from '#device-sdk/ota/simulated/simulated-car.ts';
import type { SimulatedEcu } from '#device-sdk/ota/simulated/simulated-ecu.ts';
import { temporaryDirectory } from '../test-cloud.ts';

const engine: SimulatedUnit = { ecuId: 'engine', hardwareId: 'e-1', softwareVersion: '1.0.0', releaseCounter: 1 };
const forEver = new AbortController().signal;

async function install(ecu: SimulatedEcu, image: Uint8Array, softwareVersion: string): Promise<void> {
  await ecu.erase(forEver);
  for (let at = 0; at < image.length; at += ecu.blockBytes) {
    await ecu.write(at, image.subarray(at, at + ecu.blockBytes), forEver);
  }
  const sha256 = createHash('sha256').update(image).digest('hex');
  await ecu.seal({ softwareVersion, releaseCounter: 2, length: image.length, sha256 }, forEver);
  await ecu.switchTo('b', forEver);
  await ecu.boot(forEver);
}

test('a car is found again as it was left', async () => {
  const directory = temporaryDirectory();
  const car = new SimulatedCar(directory, [engine]);
  await install(car.ecu('engine'), Buffer.from('all is well'), '2.0.0');
  await car.body.immobilise();
  car.close();
  const again = new SimulatedCar(directory, [engine]);
  expect(await again.ecu('engine').inspect()).toMatchObject({ running: 'b', slots: { b: { status: 'filled' } } });
  expect(await again.body.isImmobilised()).toBe(true);
  again.close();
});

test('an image decides itself whether it comes up, and whether it is healthy', async () => {
  for (const [text, running, status] of [
    ['all is well', 'b', 'healthy'],
    ['unhealthy', 'b', 'unhealthy'],
    ['boot-loop', 'a', 'healthy'],
  ] as const) {
    const car = new SimulatedCar(temporaryDirectory(), [engine]);
    const ecu = car.ecu('engine');
    await install(ecu, Buffer.from(text), '2.0.0');
    expect([(await ecu.inspect()).running, (await ecu.health()).status]).toEqual([running, status]);
    expect(Buffer.from(await ecu.read(0, 20)).equals(Buffer.from(factoryImage(engine)).subarray(0, 20))).toBe(
      running === 'a',
    );
    car.close();
  }
});
