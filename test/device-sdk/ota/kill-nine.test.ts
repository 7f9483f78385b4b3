import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../test-cloud.ts';

const kills = 200;
const script = fileURLToPath(new URL('./install-victim.ts', import.meta.url));
let program = '';

// In one file it is there in a tenth of the time: two hundred lives fit into a minute.
beforeAll(async () => {
  program = join(temporaryDirectory(), 'victim.mjs');
  await build({
    ...{ entryPoints: [script], outfile: program, bundle: true },
    ...({ platform: 'node', format: 'esm', target: 'node20' } as const),
  });
});

/** Park and Miller: the same kills in each run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

async function life(...args: string[]): Promise<NodeJS.Signals | number | null> {
  const victim = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code, signal] = await once(victim, 'exit');
  return signal ?? code;
}

/** Takes one car from update to update, each time with another kind of end, until enough lives were taken. */
async function drive(seed: number, enough: () => boolean, died: () => void): Promise<string[]> {
  const random = seeded(seed);
  const directory = temporaryDirectory();
  mkdirSync(directory, { recursive: true });
  const complaints: string[] = [];
  for (let release = 2; !enough(); release += 1) {
    const health = random(3) === 0 ? 'unhealthy' : 'healthy';
    const told = join(directory, 'told');
    rmSync(told, { force: true });
    for (;;) {
      const fatal = enough() ? 0 : 1 + random(150);
      const end = await life(directory, String(fatal), `${release}.0.0`, health);
      if (end === 0) break;
      if (end !== 'SIGKILL') return [...complaints, `release ${release} ended with ${end}`];
      died();
    }
    const lines = existsSync(told) ? readFileSync(told, 'utf8').trim().split('\n') : [];
    complaints.push(...complaintsOf(lines, health).map((complaint) => `release ${release}, ${health}: ${complaint}`));
  }
  return complaints;
}

function complaintsOf(lines: readonly string[], health: string): string[] {
  const results = new Set(lines.filter((line) => line.includes('"kind":"result"')));
  const [result = ''] = results;
  const expected = health === 'healthy' ? '"outcome":"installed"' : '"outcome":"failed","error":"health"';
  // The statement behind it tells what ran before, too.
  const [told = ''] = result.split('"statement":');
  const versions = new Set([...told.matchAll(/"softwareVersion":"([\d.]+)","releaseCounter"/g)].map(([, it]) => it));
  return [
    ...(results.size === 1 ? [] : [`${results.size} different results`]),
    ...(result.includes(expected) ? [] : [`not ${expected} but ${result}`]),
    ...(result.includes('"safety":"safe"') ? [] : ['not safe']),
    ...(versions.size === 1 ? [] : [`a mixed set: ${[...versions]}`]),
    ...(lines.includes('mixed and mobile') ? ['mixed and mobile'] : []),
  ];
}

test('1. Power loss, with real files and 200 kills: every update ends with one set and one result', async () => {
  let died = 0;
  const oneMore = () => {
    died += 1;
  };
  const cars = [11, 12].map((seed) => drive(seed, () => died >= kills, oneMore));
  expect((await Promise.all(cars)).flat()).toEqual([]);
  expect(died).toBeGreaterThanOrEqual(kills);
}, 240_000);
