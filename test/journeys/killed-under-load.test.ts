import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cloudAssembly } from '#local/assembly.ts';
import { Administrator } from '#local/tour/administrator.ts';
import type { Journey } from '#local/tour/journey.ts';
import { eventually } from '#local/tour/telling.ts';
import { CloudProcess, freePortBase } from '../support/cloud-process.ts';
import { openCloud, startTimeout } from '../support/journey-cloud.ts';
import { lastingCar, loadJourney, loadScene, more } from '../support/load-scene.ts';

const directory = mkdtempSync(join(tmpdir(), 'fleetloom-killed-'));
let running: CloudProcess | undefined;
const journeys: Journey[] = [];

beforeAll(() => cloudAssembly(() => {}), startTimeout);
afterAll(async () => {
  vi.unstubAllGlobals();
  for (const journey of journeys) await journey.end();
  await running?.end('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

function begun(journey: Journey): Journey {
  journeys.push(journey);
  return journey;
}

test('tables, then the whole cloud, killed under load lose nothing that was acknowledged', async () => {
  const base = await freePortBase();
  const start = async () => {
    running = new CloudProcess(join(directory, 'cloud'), base, 0);
    return { started: running, cloud: await running.ready() };
  };
  const first = await start();
  const place = join(directory, 'vehicles');
  const journey = begun(loadJourney(first.cloud, place));
  const { load, wakes, topic } = await loadScene(journey, place, lastingCar);
  const working = load.work(topic);
  await more(load, 30);

  process.kill(engineOf(first.started), 'SIGKILL');
  await eventually(
    'the end of the cloud',
    () => first.started.ended,
    (ended) => ended,
  );
  const second = await start();
  await more(load, load.done + 30);

  await second.started.end('SIGKILL');
  const third = await start();
  await more(load, load.done + 15);
  load.end();
  // Leases, pauses before another attempt, and the reminders of commands go by.
  const administrator = new Administrator(third.cloud);
  const lapse = setInterval(() => void administrator.letTimePass(5).catch(() => {}), 250);
  await working;
  vi.unstubAllGlobals();
  await load.isAllThere(third.cloud);
  clearInterval(lapse);
  await wakes();
  await journey.end();
  expect(await third.started.end('SIGTERM')).toBe(0);
}, 300_000);

function engineOf(cloud: CloudProcess): number {
  const named = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, 4).join(' ');
  const found = cloud.family().find((pid) => named(pid).includes('dynoxide'));
  if (found === undefined) throw new Error('The cloud has no engine.');
  return found;
}

test('functions whose workers die before, amid and after their work lose nothing that was acknowledged', async () => {
  const home = await openCloud();
  const place = join(directory, 'of-the-workers');
  const journey = begun(loadJourney(home.cloud.file, place));
  const { load, wakes, topic } = await loadScene(journey, place, lastingCar);
  const working = load.work(topic);
  for (const [index, when] of (['before', 'after-effect', 'after'] as const).entries()) {
    home.cloud.faults.plan({ kind: 'crash', hop: 'function', when, probability: 0.05, seed: index + 1, times: 8 });
  }
  await more(load, 60);
  load.end();
  // Leases and pauses before another attempt go by.
  const lapse = setInterval(() => home.cloud.clock.runAhead(home.cloud.clock.ahead + 5_000), 250);
  await working;
  home.cloud.faults.endAll();
  vi.unstubAllGlobals();
  await load.isAllThere(home.cloud.file);
  clearInterval(lapse);
  await wakes();
  await journey.end();
  await home.close();
}, 200_000);
