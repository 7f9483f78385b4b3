import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newTable, startDynoxide, type TestEngine } from '../../../contract/engines.ts';
import { CarelessBookings } from '../../../support/bookings/careless-bookings.ts';
import { noDisturbances } from '../../../support/bookings/disturbed-table.ts';
import { type History, historyLines, type Operation } from '../../../support/bookings/history.ts';
import { HistoryFile, HistoryReader } from '../../../support/bookings/history-file.ts';
import { judge } from '../../../support/bookings/judge.ts';
import { killedCrowd } from '../../../support/bookings/killed-crowd.ts';
import { everyKind, realCrowd } from '../../../support/bookings/real-crowd.ts';
import { seeded } from '../../../support/bookings/seeded.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startDynoxide();
});
afterAll(() => engine.stop());

const crowd = { clients: 24, cars: 12, people: 40 } as const;
const inProcesses = { ...crowd, processes: 4 } as const;
/** A crowd that does nothing proves nothing. A million operations: `npm run bench -- --long booking-crowd`. */
const often = ['hold', 'extend', 'key', 'cancel', 'expire', 'force-end', 'start', 'pause', 'end'] as const;
const least = new Map(often.map((operation) => [operation, 5]));
/** On a machine that has nothing else to do it takes half a minute. */
const timeout = 300_000;

test('a crowd over few cars, on a table that fails in every way, never has one twice', { timeout }, async () => {
  const table = await newTable(engine.client, 'bookings');
  const options = { ...crowd, operations: 5_000, odds: everyKind, random: seeded(11), least };
  const history = await realCrowd(engine.client, table, options);
  expectNoFindings(history);
  for (const [operation, times] of least)
    expect(count(history, operation, 'done'), operation).toBeGreaterThanOrEqual(times);
  expect(count(history, 'hold', 'unknown')).toBeGreaterThan(50);
  const processes = new Set(history.operations.map(({ client }) => client));
  // Each kill puts another process in the place of one.
  expect(processes.size).toBeGreaterThan(30);
  expect(history.operations.filter(({ client }) => client !== 'stream').length).toBeGreaterThanOrEqual(5_000);
});

test('the same crowd over bookings that read and then write is found guilty', { timeout }, async () => {
  const table = await newTable(engine.client, 'bookings');
  const bookings = (...place: ConstructorParameters<typeof CarelessBookings>) => new CarelessBookings(...place);
  const options = { ...crowd, operations: 600, odds: noDisturbances, random: seeded(12), bookings };
  const rules = judge(await realCrowd(engine.client, table, options)).map(({ rule }) => rule);
  expect(rules).toEqual(expect.arrayContaining(['two-holders', 'hold-lost']));
});

test('bookers whose processes are killed at whatever they are, and whose people ask again, never share a car', {
  timeout,
}, async () => {
  const table = await newTable(engine.client, 'bookings');
  const options = { ...inProcesses, operations: 1_200, answersPerKill: 200, odds: everyKind, random: seeded(13) };
  const { history, kills } = await killedCrowd(engine.client, table, options);
  expectNoFindings(history);
  expect(kills).toBeGreaterThanOrEqual(5);
  const isOpen = ({ client, returnedAt }: Operation) => client.startsWith('p') && returnedAt === undefined;
  expect(history.operations.filter(isOpen).length, 'killed in the middle').toBeGreaterThan(2 * kills);
  const open = new Set(history.operations.filter(isOpen).map(({ key }) => key));
  const again = history.operations.filter(
    ({ key, outcome }) => key !== undefined && open.has(key) && outcome === 'done',
  );
  expect(again.length, 'answered to the next process').toBeGreaterThan(0);
  expect(history.operations.filter(({ client }) => client !== 'stream').length).toBeGreaterThanOrEqual(1_200);
  for (const operation of ['hold', 'key', 'start', 'end']) expect(count(history, operation, 'done')).toBeGreaterThan(0);
});

test('processes that read and then write are found guilty, killed or not', { timeout }, async () => {
  const table = await newTable(engine.client, 'bookings');
  const options = { ...inProcesses, operations: 400, answersPerKill: 100, odds: noDisturbances, random: seeded(14) };
  const { history } = await killedCrowd(engine.client, table, { ...options, careless: true });
  const rules = judge(history).map(({ rule }) => rule);
  expect(rules).toEqual(expect.arrayContaining(['two-holders', 'hold-lost']));
});

test('what is asked is on disk before it is done, and a line that was cut off says nothing', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-history-'));
  const [path, asked] = [join(directory, 'h.jsonl'), { client: 'c', operation: 'hold', car: 'car-1' } as const];
  const [writer, reader] = [new HistoryFile(path), new HistoryReader(path)];
  await writer.during(asked, Date.now, async () => {
    reader.answered();
    expect(reader.operations).toMatchObject([{ ...asked, outcome: 'unknown' }]);
    return { outcome: 'refused', reason: 'vehicle-reserved' };
  });
  writer.close();
  const cutOff = new HistoryReader(path);
  expect(reader.answered()).toMatchObject([{ ...asked, reason: 'vehicle-reserved', returnedAt: expect.any(Number) }]);
  truncateSync(path, statSync(path).size - 1);
  expect(cutOff.answered()).toEqual([]);
  expect(cutOff.operations).toMatchObject([{ ...asked, outcome: 'unknown' }]);
  for (const one of [reader, cutOff]) one.close();
  rmSync(directory, { recursive: true });
});

function expectNoFindings(history: History): void {
  const findings = judge(history);
  const file = join(tmpdir(), 'fleetloom-bookings.jsonl');
  if (findings.length > 0) writeFileSync(file, historyLines(history));
  expect(findings, `see ${file}`).toEqual([]);
}

function count({ operations }: History, operation: string, outcome: string): number {
  return operations.filter((one) => one.operation === operation && one.outcome === outcome).length;
}
