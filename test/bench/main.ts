import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { bundles } from './bundles.ts';
import { type Figure, rounded } from './figure.ts';
import { machine } from './machine.ts';
import { proportionalSetSize } from './memory.ts';
import { start } from './running-cloud.ts';
import { twinRoundTrip } from './twin-round-trip.ts';

const portBase = 27_300;
const vehicles = 20;
const warmStarts = 3;
/** What was started for the vehicles' arrival comes to rest within this time (ms). */
const untilIdle = 30_000;

/** `npm run bench`: measures what the README and the issues promise, on this machine, now. */
async function bench(): Promise<void> {
  const figures = [...(await cloudFigures()), ...(await bundles())];
  if (process.argv.includes('--json')) {
    const entries = figures.map(({ name, value, unit }) => [name, { value, unit }]);
    process.stdout.write(`${JSON.stringify(Object.fromEntries(entries))}\n`);
  } else process.stdout.write(table(figures));
}

async function cloudFigures(): Promise<Figure[]> {
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

function table(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  const rows = figures.map(({ name, value, unit, limit }) => {
    const promise = limit === undefined ? '' : `  promised ≤ ${limit}${value <= limit ? '' : '  NOT KEPT'}`;
    return `  ${name.padEnd(width)}  ${String(value).padStart(9)} ${unit.padEnd(3)}${promise}`;
  });
  return `\n${machine()}\n\n${rows.join('\n')}\n\n`;
}

bench().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
