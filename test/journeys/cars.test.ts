import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repository } from '#local/assembly.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { signIn } from '#local/tour/sign-in.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { CloudProcess, freePortBase } from '../support/cloud-process.ts';
import { startTimeout } from '../support/journey-cloud.ts';

const directory = mkdtempSync(join(tmpdir(), 'fleetloom-cars-'));
/** Longer than the address of a socket may be. */
const state = join(directory, 'a-path'.repeat(20), 'state');
let home: CloudProcess;
let operator: ApiClient;
let driver: ApiClient;

beforeAll(async () => {
  home = new CloudProcess(state, await freePortBase(), 2);
  const cloud = await home.ready();
  operator = new ApiClient(cloud, 'operator');
  driver = new ApiClient(cloud, async () => (await signIn(cloud, 'driver')).accessToken);
}, startTimeout);
afterAll(async () => {
  await home.end('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** `npm run car -- …` */
function car(...words: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  const script = ['--import', 'tsx', join(repository, 'local', 'car', 'main.ts')];
  return new Promise((resolve) => {
    execFile(process.execPath, [...script, '--state', state, ...words], { cwd: repository }, (failed, out, error) => {
      resolve({ code: failed === null ? 0 : Number(failed.code), out: out.trim(), error: error.trim() });
    });
  });
}

async function cars(...words: readonly string[]): Promise<unknown> {
  const { out, error } = await car('--json', ...words);
  expect(error).toBe('');
  return JSON.parse(out);
}

test('a simulated car shows a code, a person claims the car with it, and its screen is dark again', async () => {
  const list = await cars();
  expect(at(list, 'cars')).toMatchObject([
    { number: 1, line: { status: 'online' } },
    { number: 2, line: { status: 'online' } },
  ]);
  const [vehicleId, vin] = [String(at(list, 'cars', 1, 'vehicleId')), String(at(list, 'cars', 1, 'vin'))];
  const { out: code } = await car('2', 'show-code');
  expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  expect(at(await cars(vin), 'cars', 0, 'screen', 'code')).toBe(code);
  const claimed = await driver.post('/v1/me/vehicles', { vehicleId, code });
  expect(claimed.status).toBe(201);
  await eventually(
    'a dark screen',
    () => cars(vehicleId, 'status'),
    (answer) => at(answer, 'cars', 0, 'screen') === undefined,
  );
});

test('a car in a tunnel is offline for all who ask, and back when it comes out', async () => {
  const gone = await cars('1', 'offline');
  expect(at(gone, 'cars', 0, 'line')).toMatchObject({ status: 'offline', reason: 'in a tunnel' });
  const vehicleId = at(gone, 'cars', 0, 'vehicleId');
  const connected = async () => at((await operator.get(`/v1/vehicles/${vehicleId}`)).body, 'connection', 'connected');
  await eventually('the API to know', connected, (is) => is === false);
  const refused = await car('1', 'show-code');
  expect([refused.code, refused.error]).toEqual([1, expect.stringMatching(/in a tunnel\. `npm run car -- .* online`/)]);
  const back = await cars('1', 'online');
  expect(at(back, 'cars', 0, 'line', 'status')).toBe('online');
  await eventually('the API to know', connected, (is) => is === true);
});

test('a car changes its certificate when it is told to', async () => {
  const before = at(await cars('1'), 'cars', 0, 'certificate', 'certificateId');
  const after = at(await cars('1', 'rotate-certificate'), 'cars', 0, 'certificate', 'certificateId');
  expect([typeof after, after === before]).toEqual(['string', false]);
});

test('who names no car of this cloud, or asks where none runs, is told so; the socket is its owner’s and goes with the cloud', async () => {
  const unknown = await car('veh-aaaaaaaaaaaaaaaaaaaa', 'show-code');
  expect([unknown.code, unknown.error]).toEqual([1, expect.stringContaining('npm run car -- list')]);
  const socket = join(state, 'cars.sock');
  expect(statSync(socket).mode & 0o077).toBe(0);
  expect(await home.end('SIGTERM')).toBe(0);
  expect(existsSync(socket)).toBe(false);
  const nobody = await car('list');
  expect([nobody.code, nobody.error]).toEqual([1, expect.stringMatching(/^Error: No cloud is running.*npm start/)]);
  const wrong = await car('1', 'fly');
  expect(wrong.code).toBe(2);
});
