import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Hop } from '#local/faults/faults.ts';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const fates = async (faults: PlannedFaults, hop: Hop, labels: readonly string[]) => {
  const kinds: string[] = [];
  for (const label of labels) kinds.push((await faults.at(hop, label)).kind);
  return kinds;
};

test('nothing goes wrong that was not planned', async () => {
  const faults = new PlannedFaults(new ManualClock());
  faults.plan({ kind: 'drop', hop: 'mqtt', label: 'vehicles/*/commands' });
  expect(await fates(faults, 'mqtt', ['vehicles/a/commands', 'vehicles/a/commands/x', 'other'])).toEqual([
    'drop',
    'deliver',
    'deliver',
  ]);
  expect(await fates(faults, 'rule', ['vehicles/a/commands'])).toEqual(['deliver']);
});

test('a fault begins after so many messages and ends after so many', async () => {
  const faults = new PlannedFaults(new ManualClock());
  faults.plan({ kind: 'duplicate', hop: 'queue', after: 1, times: 2 });
  expect(await fates(faults, 'queue', ['q', 'q', 'q', 'q'])).toEqual(['deliver', 'duplicate', 'duplicate', 'deliver']);
});

test('the same seed disturbs the same messages, whatever else is planned', () =>
  fc.assert(
    fc.asyncProperty(fc.nat(), fc.double({ min: 0.05, max: 0.95, noNaN: true }), async (seed, probability) => {
      const first = new PlannedFaults(new ManualClock());
      const second = new PlannedFaults(new ManualClock());
      second.plan({ kind: 'drop', hop: 'http', probability: 0.5, seed: seed + 1 });
      for (const faults of [first, second]) faults.plan({ kind: 'drop', hop: 'mqtt', probability, seed });
      const labels = Array.from({ length: 50 }, (_, index) => `topic/${index}`);
      await fates(second, 'http', labels);
      expect(await fates(first, 'mqtt', labels)).toEqual(await fates(second, 'mqtt', labels));
    }),
    { numRuns: 50 },
  ));

test('a share of the messages is disturbed, as large as was asked for', async () => {
  const faults = new PlannedFaults(new ManualClock());
  faults.plan({ kind: 'drop', hop: 'mqtt', probability: 0.3, seed: 42 });
  const kinds = await fates(
    faults,
    'mqtt',
    Array.from({ length: 2000 }, () => 't'),
  );
  const share = kinds.filter((kind) => kind === 'drop').length / kinds.length;
  expect(share).toBeGreaterThan(0.26);
  expect(share).toBeLessThan(0.34);
});

test('a delayed message goes on when the local clock says so', async () => {
  const clock = new ManualClock();
  const faults = new PlannedFaults(clock);
  faults.plan({ kind: 'delay', hop: 'rule', milliseconds: 500 });
  let passed = false;
  const passing = Promise.resolve(faults.at('rule', 'r')).then(() => {
    passed = true;
  });
  clock.advance(499);
  await Promise.resolve();
  expect(passed).toBe(false);
  clock.advance(1);
  await passing;
  expect(passed).toBe(true);
});

test('a failure comes as the error of AWS that was named', async () => {
  const faults = new PlannedFaults(new ManualClock());
  faults.plan({ kind: 'fail', hop: 'table', error: 'ProvisionedThroughputExceededException' });
  const fate = await faults.at('table', 'Registry:PutItem');
  expect(fate).toMatchObject({ kind: 'fail', error: { name: 'ProvisionedThroughputExceededException', status: 400 } });
});

test('what was ended disturbs nothing more, and the record of what it did stays', async () => {
  const faults = new PlannedFaults(new ManualClock());
  const faultId = faults.plan({ kind: 'drop', hop: 'mqtt' });
  await fates(faults, 'mqtt', ['a', 'b']);
  expect(faults.list()).toMatchObject([{ faultId, kind: 'drop', disturbed: 2 }]);
  expect(faults.end(faultId)).toBe(true);
  expect(faults.end(faultId)).toBe(false);
  expect(await fates(faults, 'mqtt', ['c'])).toEqual(['deliver']);
  expect(faults.disturbances.map(({ label }) => label)).toEqual(['a', 'b']);
});
