import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newTable, startDynoxide } from '../contract/engines.ts';
import type { Finding, Rule } from '../support/bookings/finding.ts';
import { historyLines } from '../support/bookings/history.ts';
import { judge } from '../support/bookings/judge.ts';
import { everyKind, realCrowd } from '../support/bookings/real-crowd.ts';
import { seeded } from '../support/bookings/seeded.ts';
import { type Figure, rounded } from './figure.ts';

/** A million in all: each crowd has a table and a history of its own, which fit into memory. */
const crowds = 50;
const operations = 20_000;
const crowd = { clients: 24, cars: 12, people: 40, odds: everyKind } as const;

/** Half an hour and more: `npm run bench -- --long booking-crowd`. BENCH_HISTORIES names a directory to keep them. */
export async function bookingCrowdFigures(): Promise<readonly Figure[]> {
  const engine = await startDynoxide();
  const kept = process.env['BENCH_HISTORIES'];
  const found: Finding[] = [];
  let [asked, held] = [0, 0];
  const begun = performance.now();
  try {
    for (let seed = 1; seed <= crowds; seed += 1) {
      const table = await newTable(engine.client, 'bookings');
      const history = await realCrowd(engine.client, table, { ...crowd, operations, random: seeded(seed) });
      const findings = judge(history);
      if (kept !== undefined) writeFileSync(join(kept, `bookings-${seed}.jsonl`), historyLines(history));
      const byClients = history.operations.filter(({ client }) => client !== 'stream');
      asked += byClients.length;
      held += byClients.filter(({ operation, outcome }) => operation === 'hold' && outcome === 'done').length;
      found.push(...findings);
      process.stderr.write(`crowd ${seed} of ${crowds}: ${findings.length} findings\n`);
      for (const finding of findings) process.stderr.write(`  seed ${seed}: ${JSON.stringify(finding)}\n`);
    }
  } finally {
    await engine.stop();
  }
  const ofRule = (...rules: readonly Rule[]) => found.filter(({ rule }) => rules.includes(rule)).length;
  return [
    { name: 'crowd-operations', value: asked, unit: '', least: crowds * operations },
    { name: 'crowd-holds-confirmed', value: held, unit: '' },
    { name: 'crowd-double-bookings', value: ofRule('two-holders', 'two-uses', 'hold-twice'), unit: '', limit: 0 },
    { name: 'crowd-findings', value: found.length, unit: '', limit: 0 },
    { name: 'crowd-rate', value: rounded((1000 * asked) / (performance.now() - begun)), unit: '/s' },
  ];
}
