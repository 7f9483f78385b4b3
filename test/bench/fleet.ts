import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CloudFile } from '#local/cloud-file.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { at } from '#local/tour/telling.ts';
import { type Figure, rounded } from './figure.ts';
import { proportionalSetSize } from './memory.ts';
import { type RunningCloud, start } from './running-cloud.ts';

const portBase = 27_340;
const vehicles = 500;
/** What was started for the vehicles' arrival comes to rest within this time (ms). */
const untilIdle = 30_000;

/** Five hundred vehicles of the device SDK: how fast they introduce themselves, connect again, and what each weighs. */
export async function fleetFigures(): Promise<readonly Figure[]> {
  const state = mkdtempSync(join(tmpdir(), 'fleetloom-bench-'));
  try {
    const empty = await idleMemory(state, 0);
    const first = await start(state, { vehicles, portBase });
    const introduced = await allConnected(first);
    await pause(untilIdle);
    const full = proportionalSetSize(first.process.pid ?? 0);
    await first.stop();
    const second = await start(state, { vehicles, portBase });
    const connected = await allConnected(second);
    await second.stop();
    return [
      { name: 'fleet-introduced-after', value: rounded(introduced / 1000), unit: 's' },
      { name: 'fleet-introduction-rate', value: rounded((vehicles / introduced) * 1000), unit: 'vehicles/s' },
      { name: 'fleet-connected-again-after', value: rounded(connected / 1000), unit: 's' },
      { name: 'fleet-connect-rate', value: rounded((vehicles / connected) * 1000), unit: 'vehicles/s' },
      { name: 'fleet-memory', value: rounded(full), unit: 'MB' },
      { name: 'fleet-memory-a-vehicle', value: rounded(((full - empty) / vehicles) * 1000), unit: 'KB' },
    ];
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

async function idleMemory(state: string, count: number): Promise<number> {
  const running = await start(state, { vehicles: count, portBase });
  await pause(untilIdle / 3);
  const memory = proportionalSetSize(running.process.pid ?? 0);
  await running.stop();
  return memory;
}

/** ms from the command until the API shows every vehicle as connected; starting the cloud is part of it. */
async function allConnected({ cloud, readyAfter }: RunningCloud): Promise<number> {
  const begun = performance.now();
  while ((await connectedVehicles(cloud)) < vehicles) await pause(250);
  return readyAfter + performance.now() - begun;
}

async function connectedVehicles(cloud: CloudFile): Promise<number> {
  const operator = new ApiClient(cloud, 'operator');
  let connected = 0;
  let cursor = '';
  do {
    const { body } = await operator.get(`/v1/vehicles?limit=100${cursor}`);
    const items = at(body, 'items');
    if (!Array.isArray(items)) throw new Error(`the list of vehicles answered ${JSON.stringify(body)}`);
    connected += items.filter((item: unknown) => at(item, 'connection', 'connected') === true).length;
    const next = at(body, 'nextCursor');
    cursor = typeof next === 'string' ? `&cursor=${encodeURIComponent(next)}` : '';
  } while (cursor !== '');
  return connected;
}
