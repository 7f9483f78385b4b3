import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockDirectory } from '#device-sdk/directory-lock.ts';
import type { Plan, SimulatorEvent } from '#local/simulator/plan.ts';
import { type HubCloud, openProvisionedCloud } from '../../device-sdk/azure/hub-cloud.ts';
import { type BrokerCloud, startBrokerCloud } from '../../device-sdk/broker-cloud.ts';
import { temporaryDirectory, until } from '../../device-sdk/test-cloud.ts';

const script = fileURLToPath(new URL('../../../local/simulator/main.ts', import.meta.url));
let scene: BrokerCloud;
let second: HubCloud;

beforeAll(async () => {
  scene = await startBrokerCloud();
  ({ cloud: second } = await openProvisionedCloud());
});
afterAll(() => Promise.all([scene.broker.close(), second.close()]));

function planOf(directory: string, vehicles: Plan['vehicles']): Plan {
  const { cloud, endpoint } = scene;
  const certificateFile = join(directory, 'claim.pem');
  const privateKeyFile = join(directory, 'claim.key');
  writeFileSync(certificateFile, cloud.claim.certificatePem);
  writeFileSync(privateKeyFile, cloud.claim.privateKeyPem);
  const claim = { certificateFile, privateKeyFile, templateName: cloud.claim.templateName };
  return {
    cloud: { mqtt: endpoint, claim, azure: second.file },
    directory: join(directory, 'vehicles'),
    vehicles,
    reportInterval: 200,
  };
}

function simulator(plan: Plan) {
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const events: SimulatorEvent[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    events.push(...lines.map((line): SimulatorEvent => JSON.parse(line)));
  });
  child.stdin.write(`${JSON.stringify(plan)}\n`);
  return { child, events };
}

describe('the simulator', () => {
  test('drives, obeys and converges, and ends with its parent', async () => {
    const { cloud } = scene;
    const vehicles = [1, 2, 3].map((serial) => ({
      vin: `WVWZZZE1ZMP00000${serial}`,
      brand: 'volkswagen',
      model: 'ID.3',
    }));
    const elsewhere = { vin: 'WAUZZZGE1LB000001', brand: 'audi', model: 'e-tron', vehicleId: 'veh-elsewhere' };
    const { child, events } = simulator(planOf(temporaryDirectory(), [...vehicles, elsewhere]));
    const ready = await until(() => events.find(({ type }) => type === 'ready'));
    expect(ready).toEqual({ type: 'ready', online: 4, away: 0, failed: 0 });
    const online = events.flatMap((event) => (event.type === 'online' ? [event] : []));
    const vehicleId = online.find(({ vin }) => vin !== elsewhere.vin)?.vehicleId ?? '';
    const doors = 'Vehicle.Cabin.Door.Row1.DriverSide.IsLocked';
    await until(() => cloud.telemetry.some(({ signals }) => signals[doors]?.some(([, locked]) => locked === true)));
    await until(() => second.said('veh-elsewhere', 'telemetry').length > 0, 'telemetry of another cloud');
    cloud.command(vehicleId, { commandId: 'c1', name: 'doors.unlock' });
    await until(() => cloud.replies.some(({ status }) => status === 'succeeded'));
    await until(() => cloud.telemetry.some(({ signals }) => signals[doors]?.some(([, locked]) => locked === false)));
    cloud.desire(vehicleId, 'comfort', { seatHeating: 2 });
    await until(() => JSON.stringify(cloud.shadow(vehicleId, 'comfort')).includes('"reported":{"seatHeating":2}'));
    expect(cloud.inventories.length).toBe(3);
    const gone = once(child, 'exit');
    child.stdin.end();
    expect(await gone).toEqual([0, null]);
    expect(events.at(-1)).toEqual({ type: 'stopped' });
  });

  test('replays a recording, tells what it skips, and goes on with the rest', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'drive.csv');
    writeFileSync(
      file,
      'field,signal,value,delay\ncurrent,Vehicle.TraveledDistance,4711,0\ncurrent,Vehicle.Flux,1,0\ncurrent,Vehicle.TraveledDistance,4712,0.1\n',
    );
    const vehicle = { vin: 'WVWZZZE1ZMP000007', brand: 'volkswagen', model: 'ID.3', replay: { file } };
    const { child, events } = simulator(planOf(directory, [vehicle]));
    const replayed = await until(() => events.find(({ type }) => type === 'replayed'));
    expect(replayed).toEqual({ type: 'replayed', vin: vehicle.vin, readings: 2, skipped: 1 });
    expect(events).toContainEqual({
      type: 'skipped',
      vin: vehicle.vin,
      line: 3,
      signal: 'Vehicle.Flux',
      reason: 'is no signal of VSS 6',
    });
    await until(() => JSON.stringify(scene.cloud.telemetry).includes('4712'));
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await gone).toEqual([0, null]);
  });

  test('starts although a vehicle is not let in, which then goes on trying', async () => {
    const directory = temporaryDirectory();
    const vehicles = [{ vin: 'WVWZZZE1ZMP000008', brand: 'volkswagen', model: 'ID.3' }];
    const first = simulator(planOf(directory, vehicles));
    const online = await until(() => first.events.find((event) => event.type === 'online'));
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    scene.denied.add(`client/${online.type === 'online' ? online.vehicleId : ''}`);
    const { child, events } = simulator(planOf(directory, vehicles));
    const ready = await until(() => events.find(({ type }) => type === 'ready'));
    expect(ready).toEqual({ type: 'ready', online: 0, away: 1, failed: 0 });
    scene.denied.clear();
    await until(() => events.some(({ type }) => type === 'online'));
    const gone = once(child, 'exit');
    child.stdin.end();
    await gone;
  });

  test('waits for one that is still ending in the same directories', async () => {
    const plan = planOf(temporaryDirectory(), [{ vin: 'WVWZZZE1ZMP000009', brand: 'volkswagen', model: 'ID.3' }]);
    const former = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 2500)'], { stdio: 'ignore' });
    await once(former, 'spawn');
    lockDirectory(join(plan.directory, 'WVWZZZE1ZMP000009'), String, former.pid);
    const { child, events } = simulator(plan);
    await until(() => events.some(({ type }) => type === 'ready'));
    expect(former.exitCode).toBe(0);
    const gone = once(child, 'exit');
    child.stdin.end();
    await gone;
  });
});
