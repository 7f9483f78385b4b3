import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { newTable, startDynoxide } from '../contract/engines.ts';
import type { Finding, Rule } from '../support/bookings/finding.ts';
import { historyLines } from '../support/bookings/history.ts';
import { judge } from '../support/bookings/judge.ts';
import { type KilledCrowd, killedCrowd } from '../support/bookings/killed-crowd.ts';
import { everyKind, realCrowd } from '../support/bookings/real-crowd.ts';
import { seeded } from '../support/bookings/seeded.ts';
import { type Figure, rounded } from './figure.ts';

/** A million in all: each crowd has a table and a history of its own, which fit into memory. */
const crowds = 50;
const operations = 20_000;
const crowd = { clients: 24, cars: 12, people: 40, operations, odds: everyKind } as const;
const inProcesses = { processes: 4, answersPerKill: 200 } as const;

/** Half an hour and more: `npm run bench -- --long booking-crowd`. BENCH_HISTORIES names a directory to keep them all. */
export async function bookingCrowdFigures(): Promise<readonly Figure[]> {
  const engine = await startDynoxide();
  const kept = process.env['BENCH_HISTORIES'];
  const found: Finding[] = [];
  const count = { asked: 0, held: 0, kills: 0, askedOfKilled: 0, foundOfKilled: 0 };
  const begun = performance.now();
  try {
    for (let seed = 1; seed <= crowds; seed += 1) {
      const { history, kills } = await crowdOf(engine.client, seed);
      const findings = judge(history);
      // No seed brings the same history again: what shows a finding is kept in any case.
      const file = join(kept ?? tmpdir(), `bookings-${seed}.jsonl`);
      if (kept !== undefined || findings.length > 0) writeFileSync(file, historyLines(history));
      const byClients = history.operations.filter(({ client }) => client !== 'stream');
      count.asked += byClients.length;
      count.held += byClients.filter(({ operation, outcome }) => operation === 'hold' && outcome === 'done').length;
      count.kills += kills;
      count.askedOfKilled += kills > 0 ? byClients.length : 0;
      count.foundOfKilled += kills > 0 ? findings.length : 0;
      found.push(...findings);
      process.stderr.write(`crowd ${seed} of ${crowds}, ${kills} processes killed: ${findings.length} findings\n`);
      for (const finding of findings) process.stderr.write(`  ${file}: ${JSON.stringify(finding)}\n`);
    }
  } finally {
    await engine.stop();
  }
  const ofRule = (...rules: readonly Rule[]) => found.filter(({ rule }) => rules.includes(rule)).length;
  return [
    { name: 'crowd-operations', value: count.asked, unit: '', least: crowds * operations },
    { name: 'crowd-holds-confirmed', value: count.held, unit: '' },
    { name: 'crowd-double-bookings', value: ofRule('two-holders', 'two-uses', 'hold-twice'), unit: '', limit: 0 },
    { name: 'crowd-findings', value: found.length, unit: '', limit: 0 },
    { name: 'crowd-killed-processes', value: count.kills, unit: '', least: (crowds / 5) * 90 },
    { name: 'crowd-killed-operations', value: count.askedOfKilled, unit: '', least: (crowds / 5) * operations },
    { name: 'crowd-killed-findings', value: count.foundOfKilled, unit: '', limit: 0 },
    { name: 'crowd-rate', value: rounded((1000 * count.asked) / (performance.now() - begun)), unit: '/s' },
  ];
}

/** Each fifth has its bookers in processes that are killed in earnest. */
async function crowdOf(engine: DynamoDBClient, seed: number): Promise<KilledCrowd> {
  const table = await newTable(engine, 'bookings');
  const options = { ...crowd, random: seeded(seed) };
  if (seed % 5 === 0) return killedCrowd(engine, table, { ...options, ...inProcesses });
  return { history: await realCrowd(engine, table, options), kills: 0 };
}
