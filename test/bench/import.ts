import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient } from '#local/tour/api-client.ts';
import { CloudProcess } from '../support/cloud-process.ts';
import { someVins, Transfers } from '../support/transfers.ts';
import { type Figure, rounded } from './figure.ts';
import { proportionalSetSize } from './memory.ts';

const portBase = 27_700;
const vehicles = 100_000;
/** At this share of the file the local cloud is killed, as if somebody had pulled the plug. */
const interruptedAt = 0.5;

interface Sample {
  readonly at: number;
  readonly lines: number;
  readonly memory: number;
}

/** 100,000 vehicles from a file into a fresh local cloud, which is killed with `kill -9` half way and started again. */
export async function importFigures(): Promise<Figure[]> {
  const state = mkdtempSync(join(tmpdir(), 'fleetloom-bench-'));
  let running = new CloudProcess(state, portBase, 0);
  try {
    let transfers = new Transfers(new ApiClient(await running.ready(), 'operator'));
    const { importId, uploadUrl } = await transfers.start('csv');
    await transfers.upload(uploadUrl, fileOf(someVins(vehicles)));
    const before = await watch(running, transfers, importId, vehicles * interruptedAt);
    await running.end('SIGKILL');
    const killed = performance.now();
    running = new CloudProcess(state, portBase, 0);
    transfers = new Transfers(new ApiClient(await running.ready(), 'operator'));
    const ready = performance.now();
    const reached = before.at(-1)?.lines ?? 0;
    await transfers.ended(importId, ({ progress }) => (progress?.lines ?? 0) > reached);
    const resumed = performance.now();
    const after = await watch(running, transfers, importId, Number.POSITIVE_INFINITY);
    const end = await transfers.ended(importId);
    if (end.registered !== vehicles || end.unchanged + end.failed !== 0) throw new Error(JSON.stringify(end));
    return [
      { name: 'import-lines', value: rounded((pace(before) + pace(after)) / 2), unit: '/s' },
      { name: 'import-memory-first-quarter', value: rounded(peak(before.slice(0, before.length / 2))), unit: 'MB' },
      { name: 'import-memory-second-quarter', value: rounded(peak(before.slice(before.length / 2))), unit: 'MB' },
      { name: 'import-memory-last-quarter', value: rounded(peak(after.slice(after.length / 2))), unit: 'MB' },
      { name: 'import-cloud-ready-after-kill', value: rounded((ready - killed) / 1000), unit: 's' },
      { name: 'import-resumed-after-kill', value: rounded((resumed - killed) / 1000), unit: 's' },
    ];
  } finally {
    await running.end('SIGTERM');
    rmSync(state, { recursive: true, force: true });
  }
}

function fileOf(vins: readonly string[]): string {
  return `vin,brand,model,market\r\n${vins.map((vin) => `${vin},volkswagen,ID.3,DE\r\n`).join('')}`;
}

/** Until so many lines are behind it, or its end. */
async function watch({ child }: CloudProcess, transfers: Transfers, importId: string, lines: number) {
  const samples: Sample[] = [];
  for (;;) {
    const view = await transfers.get(importId);
    const reached = view.progress?.lines ?? 0;
    samples.push({ at: performance.now(), lines: reached, memory: proportionalSetSize(child.pid ?? 0) });
    if (view.status === 'failed') throw new Error(JSON.stringify(view));
    if (view.status === 'done' || reached >= lines) return samples;
    await pause(500);
  }
}

function pace(samples: readonly Sample[]): number {
  const moved = samples.filter(({ lines }) => lines > 0);
  const [first, last] = [moved[0], moved.at(-1)];
  if (first === undefined || last === undefined || last.at === first.at) return 0;
  return ((last.lines - first.lines) / (last.at - first.at)) * 1000;
}

function peak(samples: readonly Sample[]): number {
  return Math.max(...samples.map(({ memory }) => memory));
}
