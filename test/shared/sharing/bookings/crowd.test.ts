import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newTable, startDynoxide, type TestEngine } from '../../../contract/engines.ts';
import { CarelessBookings } from '../../../support/bookings/careless-bookings.ts';
import { noDisturbances } from '../../../support/bookings/disturbed-table.ts';
import { type History, historyLines } from '../../../support/bookings/history.ts';
import { judge } from '../../../support/bookings/judge.ts';
import { everyKind, realCrowd } from '../../../support/bookings/real-crowd.ts';
import { seeded } from '../../../support/bookings/seeded.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startDynoxide();
});
afterAll(() => engine.stop());

const crowd = { clients: 24, cars: 12, people: 40 } as const;
/** A crowd that does nothing proves nothing. */
const often = ['hold', 'extend', 'key', 'cancel', 'expire', 'force-end', 'start', 'pause', 'end'] as const;
const least = new Map(often.map((operation) => [operation, 10]));
/** On a machine that has nothing else to do it takes half a minute. */
const timeout = 300_000;

test('a crowd over few cars, on a table that fails in every way, never has one twice', { timeout }, async () => {
  const table = await newTable(engine.client, 'bookings');
  const options = { ...crowd, operations: 20_000, odds: everyKind, random: seeded(11), least };
  const history = await realCrowd(engine.client, table, options);
  const findings = judge(history);
  const file = join(tmpdir(), 'fleetloom-bookings.jsonl');
  if (findings.length > 0) writeFileSync(file, historyLines(history));
  expect(findings, `see ${file}`).toEqual([]);
  for (const [operation, times] of least)
    expect(count(history, operation, 'done'), operation).toBeGreaterThanOrEqual(times);
  expect(count(history, 'hold', 'unknown')).toBeGreaterThan(200);
  const processes = new Set(history.operations.map(({ client }) => client));
  // Each kill puts another process in the place of one.
  expect(processes.size).toBeGreaterThan(100);
  expect(history.operations.filter(({ client }) => client !== 'stream').length).toBeGreaterThanOrEqual(20_000);
});

test('the same crowd over bookings that read and then write is found guilty', { timeout }, async () => {
  const table = await newTable(engine.client, 'bookings');
  const bookings = (...place: ConstructorParameters<typeof CarelessBookings>) => new CarelessBookings(...place);
  const options = { ...crowd, operations: 600, odds: noDisturbances, random: seeded(12), bookings };
  const rules = judge(await realCrowd(engine.client, table, options)).map(({ rule }) => rule);
  expect(rules).toEqual(expect.arrayContaining(['two-holders', 'hold-lost']));
});

function count({ operations }: History, operation: string, outcome: string): number {
  return operations.filter((one) => one.operation === operation && one.outcome === outcome).length;
}
