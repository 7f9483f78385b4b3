import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HubCloud, openProvisionedCloud } from './azure/hub-cloud.ts';
import { type BrokerCloud, startBrokerCloud } from './broker-cloud.ts';
import { temporaryDirectory, vehicleIdOf } from './test-cloud.ts';

const run = promisify(execFile);
const vin = 'WVWZZZE1ZMP000042';
let scene: BrokerCloud;
let second: HubCloud;
let cloudFile: string;

beforeAll(async () => {
  scene = await startBrokerCloud();
  ({ cloud: second } = await openProvisionedCloud());
  const directory = temporaryDirectory();
  mkdirSync(directory, { recursive: true });
  const certificateFile = join(directory, 'claim.pem');
  const privateKeyFile = join(directory, 'claim.key');
  writeFileSync(certificateFile, scene.cloud.claim.certificatePem);
  writeFileSync(privateKeyFile, scene.cloud.claim.privateKeyPem);
  const claim = { certificateFile, privateKeyFile, templateName: scene.cloud.claim.templateName };
  cloudFile = join(directory, 'cloud.json');
  writeFileSync(cloudFile, JSON.stringify({ mqtt: scene.endpoint, claim, azure: second.file }));
});
afterAll(() => Promise.all([scene.broker.close(), second.close()]));

async function example(name: string, asVin: string = vin, ...options: string[]): Promise<string> {
  const script = fileURLToPath(new URL(`../../device-sdk/examples/${name}.ts`, import.meta.url));
  const { stdout } = await run(process.execPath, ['--import', 'tsx', script, cloudFile, asVin, '--once', ...options]);
  return stdout;
}

describe('the examples', () => {
  test('run as they stand: the first vehicle', async () => {
    expect(await example('first-vehicle')).toContain('the first report has arrived');
    expect(scene.cloud.telemetry[0]?.signals['Vehicle.Speed']).toEqual([[0, 0]]);
    expect(scene.cloud.inventories[0]?.ecus[0]?.ecuId).toBe('gateway');
  });

  test('say what to look at when the cloud does not let the vehicle in', async () => {
    const taken = 'WVWZZZE1ZMP000043';
    scene.cloud.admitted.set(taken, 'the key of another vehicle');
    await expect(example('first-vehicle', taken)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The cloud does not let this vehicle in \(AccessDenied.*registered/),
    });
  });

  test('run as they stand: the climate twin', async () => {
    expect(await example('climate-twin')).toContain('the bounds are reported');
    expect(scene.cloud.shadow(vehicleIdOf(vin), 'climate')).toEqual({
      reported: { bounds: { coolest: 16, warmest: 28 } },
    });
  });

  test('run as they stand: the software update', async () => {
    expect(await example('software-update')).toContain('engine 1.0.0, infotainment 1.0.0');
  });

  test('run as they stand: the shared car', async () => {
    expect(await example('shared-car')).toContain('is online; the phone');
  });

  test('run as vehicles of the second cloud, too', async () => {
    const [reporting, cooling] = await Promise.all([
      example('first-vehicle', 'WAUZZZ00000000001', '--azure=veh-first'),
      example('climate-twin', 'WAUZZZ00000000002', '--azure=veh-climate'),
    ]);
    expect([reporting, cooling]).toEqual([
      expect.stringContaining('the first report has arrived'),
      expect.stringContaining('the bounds are reported'),
    ]);
    expect(second.said('veh-first', 'telemetry')).toMatchObject([{ signals: { 'Vehicle.Speed': [[0, 0]] } }]);
    expect(second.said('veh-first', 'inventory')).toMatchObject([{ ecus: [{ ecuId: 'gateway' }] }]);
    const { reported } = second.hub.twins.get('veh-climate');
    expect(reported.value).toEqual({
      climate: { bounds: { coolest: 16, warmest: 28 } },
      // With which it could be let in elsewhere.
      home: { certificatePem: expect.stringMatching(/^-----BEGIN CERTIFICATE-----/) },
    });
  });
});
