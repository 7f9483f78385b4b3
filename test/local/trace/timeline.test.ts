import { expect, test } from 'vitest';
import { styleFor } from '#local/trace/style.ts';
import { timeline } from '#local/trace/timeline.ts';
import { car, hopOf, traceId, traceOf } from './samples.ts';

const topic = `$aws/rules/fleetloom_dev_telemetry/vehicles/${car}/telemetry`;
const table = 'Fleetloom-dev-Data-Telemetry1B1C5A07:PutItem';
const report = traceOf([
  hopOf({ id: 'a', kind: 'topic', label: topic, at: 5_000_000, took: 1_400 }),
  hopOf({
    ...{ id: 'b', kind: 'rule', label: 'fleetloom_dev_telemetry', parents: ['a'], at: 5_000_200, took: 900 },
    units: { ruleTriggers: 1, ruleActions: 1 },
  }),
  hopOf({
    ...{ id: 'c', kind: 'queue', label: 'telemetry', parents: ['b'], at: 5_000_500, took: 300 },
    units: { sqsRequests: 1 },
  }),
  hopOf({
    ...{ id: 'd', kind: 'queue', label: 'telemetry read', parents: ['c', 'elsewhere'], at: 5_400_000, took: 30_000 },
    ...{ units: { sqsRequests: 10 }, shares: 50, notes: ['batch of 50'] },
  }),
  hopOf({
    ...{ id: 'e', kind: 'table', label: table, parents: ['d'], at: 5_410_000, took: 2_500 },
    units: { writeUnits: 1 },
  }),
  hopOf({
    ...{ id: 'f', kind: 'table', label: table, parents: ['d'], at: 5_420_000 },
    ...{ outcome: 'failed: ThrottlingException', notes: ['failed by a fault'] },
  }),
]);

test('a trace reads as a tree with times, units and outcomes in columns, and its sum at the end', () => {
  const lines = timeline(report, { width: 160 }).map((line) => line.replaceAll(/ {2,}/g, '  '));
  expect(lines).toEqual([
    `14:03:22.118  ${topic}  ${traceId}  430.0 ms`,
    `  0.0  1.4  topic  ${topic}`,
    '  0.2  0.9  └ rule  fleetloom_dev_telemetry  1 trigger, 1 action',
    '  0.5  0.3  └ queue  telemetry  1 SQS',
    '  400.0  30.0  └ queue  telemetry read  0.2 SQS  batch of 50',
    '  410.0  2.5  ├ table  Telemetry:PutItem  1 WU',
    '  420.0  1.0  └ table  Telemetry:PutItem  failed: ThrottlingException, failed by a fault',
    '  = 1 trigger, 1 action, 1.2 SQS, 1 WU; a million such: 1.41 USD',
  ]);
});

test('the columns of a trace are aligned', () => {
  const lines = timeline(report, { width: 160 });
  const starts = (texts: readonly string[]) =>
    new Set(texts.map((text) => lines.find((line) => line.includes(text))?.indexOf(text)));
  expect(starts(['fleetloom_dev_telemetry  ', 'telemetry read', 'Telemetry:PutItem']).size).toBe(1);
  expect(starts(['1 trigger, 1 action', '0.2 SQS', '1 WU']).size).toBe(1);
  expect(starts(['batch of 50', 'failed: ThrottlingException']).size).toBe(1);
});

test('what was told already is not told again, only what came later', () => {
  const later = timeline(report, { skip: 4 });
  expect(later[0]).toBe(`… ${traceId} goes on`);
  expect(later.filter((line) => line.includes('table'))).toHaveLength(2);
  expect(later.some((line) => line.includes('rule'))).toBe(false);
});

test('in a narrow terminal the middle of a label is left out, and its end stays', () => {
  const [, first = ''] = timeline(report, { width: 90 });
  expect(first).toContain('…');
  expect(first).toMatch(/\/telemetry$/);
});

test('a trace of too many hops says how many are left out', () => {
  expect(timeline(traceOf(report.hops, 7))).toContain('  and 7 hops more');
});

test('colour is for terminals, and for nobody who does not want it', () => {
  const sequence = '\u001b[';
  const coloured = (isTTY: boolean, environment: NodeJS.ProcessEnv) =>
    styleFor({ isTTY }, environment).bold('x').includes(sequence);
  expect(coloured(true, {})).toBe(true);
  expect(coloured(false, {})).toBe(false);
  expect(coloured(true, { NO_COLOR: '1' })).toBe(false);
  expect(coloured(true, { NO_COLOR: '' })).toBe(true);
  expect(coloured(true, { TERM: 'dumb' })).toBe(false);
});
