import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Figure, rounded } from './figure.ts';
import { proportionalSetSize } from './memory.ts';
import { start } from './running-cloud.ts';
import { twinRoundTrip } from './twin-round-trip.ts';

const portBase = 27_300;
const vehicles = 20;
const warmStarts = 3;
/** What was started for the vehicles' arrival comes to rest within this time (ms). */
const untilIdle = 30_000;

/** How fast `npm start` is, what it weighs, and how long a wish takes to come true. */
export async function cloudFigures(): Promise<Figure[]> {
  const state = mkdtempSync(join(tmpdir(), 'fleetloom-bench-'));
  try {
    const first = await start(state, { vehicles, portBase });
    await first.stop();
    const starts: number[] = [];
    for (let count = 1; count < warmStarts; count += 1) {
      const warm = await start(state, { vehicles, portBase });
      starts.push(warm.readyAfter);
      await warm.stop();
    }
    const running = await start(state, { vehicles, portBase });
    starts.push(running.readyAfter);
    try {
      await pause(untilIdle);
      const memory = proportionalSetSize(running.process.pid ?? 0);
      const trips = await twinRoundTrip(running.cloud);
      return [
        { name: 'first-start', value: rounded(first.readyAfter / 1000), unit: 's' },
        { name: 'warm-start-best', value: rounded(Math.min(...starts) / 1000), unit: 's', limit: 5 },
        { name: 'warm-start-worst', value: rounded(Math.max(...starts) / 1000), unit: 's', limit: 5 },
        { name: 'memory-idle', value: rounded(memory), unit: 'MB', limit: 450 },
        ...trips,
      ];
    } finally {
      await running.stop();
    }
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}
