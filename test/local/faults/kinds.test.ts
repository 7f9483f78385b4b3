import { expect, test } from 'vitest';
import { type FaultRule, faultRuleSchema, hops, meaningful } from '#local/faults/fault-rule.ts';
import type { Hop } from '#local/faults/faults.ts';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const wish = (kind: FaultRule['kind'], hop: Hop) => ({
  ...{ kind, hop },
  ...(kind === 'delay' && { milliseconds: 5 }),
  ...(kind === 'fail' && { error: 'SomeException' }),
  ...(kind === 'throttle' && { rate: 1 }),
});

const kinds = Object.keys(meaningful).filter((name): name is FaultRule['kind'] => name in meaningful);
const cells = kinds.flatMap((kind) => hops.map((hop) => ({ kind, hop, allowed: meaningful[kind].includes(hop) })));

test.each(cells)(
  '$kind at $hop: allowed is $allowed, and a refusal names where it means something',
  ({ kind, hop, allowed }) => {
    const parsed = faultRuleSchema.safeParse(wish(kind, hop));
    expect(parsed.success).toBe(allowed);
    if (!parsed.success) {
      expect(parsed.error.issues[0]?.message).toBe(
        `"${kind}" means nothing at the hop "${hop}"; it does at ${meaningful[kind].join(', ')}`,
      );
    }
  },
);

test('a held message goes on after so many others, or when its time is over', async () => {
  const clock = new ManualClock();
  const faults = new PlannedFaults(clock);
  faults.plan({ kind: 'reorder', hop: 'queue', behind: 2, milliseconds: 500, times: 2 });
  const order: string[] = [];
  const send = async (name: string) => {
    await faults.at('queue', 'q');
    order.push(name);
  };
  const first = send('first');
  const second = send('second');
  await send('third');
  await send('fourth');
  await Promise.all([first, second]);
  expect(order.slice(0, 2)).toEqual(['third', 'fourth']);
  expect(order.slice(2).sort()).toEqual(['first', 'second']);

  const late = new PlannedFaults(clock);
  late.plan({ kind: 'reorder', hop: 'queue', milliseconds: 500 });
  const alone = Promise.resolve(late.at('queue', 'q'));
  clock.advance(500);
  expect(await alone).toEqual({ kind: 'deliver' });
});

test('whoever is held when the fault ends goes on', async () => {
  const faults = new PlannedFaults(new ManualClock());
  faults.plan({ kind: 'reorder', hop: 'mqtt' });
  const held = Promise.resolve(faults.at('mqtt', 't'));
  faults.endAll();
  expect(await held).toEqual({ kind: 'deliver' });
});

test.each([
  ['table', 'Registry:PutItem', 'ProvisionedThroughputExceededException'],
  ['queue', 'work', 'RequestThrottled'],
  ['function', 'api', 'TooManyRequestsException'],
  ['http', 'dynamodb:PutItem', 'ThrottlingException'],
  ['http', 's3:PutObject', 'SlowDown'],
  ['http', '$default', 'TooManyRequestsException'],
  ['event', 'rule', 'ThrottlingException'],
  ['rule', 'telemetry', 'ThrottlingException'],
  ['stream', 'Registry', 'TooManyRequestsException'],
  ['mqtt', 'vehicles/a', 'ThrottlingException'],
] as const)('above its rate %s %s answers as its service does', async (hop, label, name) => {
  const clock = new ManualClock();
  const faults = new PlannedFaults(clock);
  faults.plan({ kind: 'throttle', hop, rate: 2 });
  const kinds = async (count: number) => {
    const fates = [];
    for (let n = 0; n < count; n += 1) fates.push(await faults.at(hop, label));
    return fates;
  };
  const [one, two, three] = await kinds(3);
  expect([one, two]).toEqual([{ kind: 'deliver' }, { kind: 'deliver' }]);
  expect(three).toMatchObject({ kind: 'fail', error: { name } });
  clock.advance(500);
  expect((await kinds(2)).map(({ kind }) => kind)).toEqual(['deliver', 'fail']);
});

test('what was planned can be planned again from what the list says, and breaks the same again', async () => {
  const run = async (faults: PlannedFaults) => {
    const kinds = [];
    for (let n = 0; n < 40; n += 1)
      kinds.push((await faults.at('table', `T:${n % 2 === 0 ? 'GetItem' : 'PutItem'}`)).kind);
    return kinds;
  };
  const first = new PlannedFaults(new ManualClock());
  first.plan({ kind: 'conflict', hop: 'table', probability: 0.4, seed: 11 });
  first.plan({ kind: 'cut', hop: 'table', when: 'after', probability: 0.2, seed: 12, times: 3 });
  const kinds = await run(first);
  expect(kinds).toContain('conflict');
  expect(kinds).toContain('cut');
  const second = new PlannedFaults(new ManualClock());
  for (const { faultId: _, seen, disturbed, ...rule } of first.list()) {
    expect(seen).toBeGreaterThanOrEqual(disturbed);
    second.plan(rule);
  }
  expect(await run(second)).toEqual(kinds);
  const { at: _, ...disturbance } = first.disturbances[0] ?? {};
  expect(disturbance).toMatchObject({ kind: 'conflict', hop: 'table', match: expect.any(Number) });
});
