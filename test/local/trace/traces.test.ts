import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '#local/aws-error.ts';
import { MovableClock } from '#local/clock.ts';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import { currentHeader, currentSpan, hop, hopNow } from '#local/trace/context.ts';
import { TraceJournal } from '#local/trace/journal.ts';
import { tracedFaults } from '#local/trace/traced-faults.ts';
import { Traces } from '#local/trace/traces.ts';
import { car, otherCar } from './samples.ts';

const clock = new MovableClock();
const rule = { kind: 'rule', label: 'r' } as const;
const invocation = { kind: 'function', label: 'f' } as const;
const done = () => undefined;

function traces(limit = 1000): Traces {
  return new Traces({ clock, limit });
}

function topicOf(vehicle: string) {
  return { kind: 'topic', label: `vehicles/${vehicle}/telemetry` } as const;
}

/** Each sends a message; the headers that it waits with. */
function sent(all: Traces, vehicles: readonly string[]): Promise<readonly (string | undefined)[]> {
  return Promise.all(vehicles.map((vehicle) => all.begin(topicOf(vehicle), currentHeader)));
}

describe('a message on its way', () => {
  test('is one trace through everything that it causes', async () => {
    const all = traces();
    const write = () => hopNow({ kind: 'table', label: 'T:PutItem' }, done);
    await all.begin(topicOf(car), () => hop(rule, write));
    const [trace, ...others] = all.find(car);
    expect(others).toEqual([]);
    expect(trace?.hops.map(({ kind }) => kind)).toEqual(['topic', 'rule', 'table']);
    expect(trace?.hops.map(({ parents }) => parents[0])).toEqual([undefined, trace?.hops[0]?.id, trace?.hops[1]?.id]);
  });

  test('goes on where it was taken out of a queue', async () => {
    const all = traces();
    await all.resume(await sent(all, [car]), invocation, done);
    expect(all.find(car)[0]?.hops.map(({ kind }) => kind)).toEqual(['topic', 'function']);
  });

  test('that was stored by a former version, without its trace, begins another one', async () => {
    const all = traces();
    await all.resume([undefined], invocation, done);
    expect(all.find()).toHaveLength(1);
  });

  test('keeps the trace that its sender named', async () => {
    const all = traces();
    const root = '1-67404d20-5759e988bd862e3fe1be46a9';
    await all.begin({ kind: 'api', label: 'GET /' }, done, `Root=${root};Sampled=1`);
    expect(all.find(root)).toHaveLength(1);
  });

  test.each([
    [new AwsError('AccessDeniedException', 403, 'no'), 'refused: AccessDeniedException'],
    [new AwsError('InternalError', 500, 'broken'), 'failed: InternalError'],
    [new TypeError('x'), 'failed: TypeError'],
  ])('tells how it ended: %s', async (error, outcome) => {
    const all = traces();
    await expect(all.begin(topicOf(car), () => Promise.reject(error))).rejects.toBe(error);
    expect(all.find()[0]?.hops[0]?.outcome).toBe(outcome);
  });

  test('tells which fault disturbed it', async () => {
    const all = traces();
    const planned = new PlannedFaults(clock);
    planned.plan({ kind: 'drop', hop: 'mqtt' });
    const faults = tracedFaults(planned);
    await all.begin(topicOf(car), () => void faults.at('mqtt', 'x'));
    expect(all.find()[0]?.hops[0]?.notes).toEqual(['dropped by a fault']);
  });
});

describe('a batch', () => {
  test('is one hop in the trace of each of its messages, of which each has its share', async () => {
    const all = traces();
    await all.resume(await sent(all, [car, otherCar]), { ...invocation, notes: ['batch of 2'] }, done);
    const [left, right] = [car, otherCar].map((one) => all.find(one)[0]?.hops.at(-1));
    expect(left).toMatchObject({ kind: 'function', shares: 2, notes: ['batch of 2'] });
    expect(left).toEqual(right);
    expect(left?.parents).toHaveLength(2);
  });

  test('shows what concerns one vehicle in the trace of that vehicle alone', async () => {
    const all = traces();
    const write = (vehicle: string) => hop({ kind: 'table', label: 'T:PutItem', vehicles: [vehicle] }, done);
    await all.resume(await sent(all, [car, otherCar]), invocation, async () => {
      await write(car);
      await write(otherCar);
      await hop({ kind: 'table', label: 'T:Query' }, done);
    });
    for (const one of [car, otherCar]) {
      const tables = all.find(one)[0]?.hops.filter(({ kind }) => kind === 'table');
      expect(tables?.map(({ label, shares }) => [label, shares])).toEqual([
        ['T:PutItem', 1],
        ['T:Query', 2],
      ]);
    }
  });
});

describe('what is kept', () => {
  test('is bounded, and the newest', async () => {
    const all = traces(100);
    for (let round = 0; round < 500; round += 1) {
      await all.begin({ kind: 'topic', label: `topic ${round}` }, () => hop(rule, done));
    }
    expect(all.size).toBeLessThanOrEqual(100);
    expect(all.find(undefined, 1000)).toHaveLength(50);
    expect(all.find(undefined, 1)[0]?.hops[0]?.label).toBe('topic 499');
  });

  test('of one trace that does not end is bounded, too', async () => {
    const all = traces(100_000);
    await all.begin(topicOf(car), async () => {
      for (let round = 0; round < 1500; round += 1) await hop(rule, done);
    });
    const [trace] = all.find(car);
    expect(trace?.hops).toHaveLength(1000);
    expect(trace?.left).toBe(501);
  });

  test('says of a hop that it is under way as long as it is', async () => {
    const all = traces();
    const seen = await all.begin(topicOf(car), () => all.find(car)[0]?.hops[0]?.outcome);
    expect([seen, all.find(car)[0]?.hops[0]?.outcome]).toEqual(['under way', 'ok']);
  });

  test('leaves no context where there was none', async () => {
    await traces().begin(topicOf(car), done);
    expect(currentSpan()).toBeUndefined();
  });
});

describe('what is kept on disk', () => {
  let file = '';
  beforeEach(() => {
    file = join(mkdtempSync(join(tmpdir(), 'fleetloom-traces-')), 'traces.jsonl');
  });
  afterEach(() => rmSync(join(file, '..'), { recursive: true, force: true }));

  const open = (writes = true) =>
    new Traces({ clock, limit: 1000, journal: new TraceJournal({ file, writes, rotateAtBytes: 20_000 }) });

  test('is there after a restart, for its owner alone', async () => {
    const before = open();
    const headers = await sent(before, [car]);
    const [trace] = before.find(car);
    before.close();
    expect(statSync(file).mode & 0o077).toBe(0);
    const after = open(false);
    expect(after.find(car)[0]?.hops).toEqual(trace?.hops);
    // A message that waited meanwhile goes on in its trace.
    await after.resume(headers, invocation, done);
    expect(after.find(car)[0]?.hops.map(({ kind }) => kind)).toEqual(['topic', 'function']);
  });

  test('takes two files of a bounded size', async () => {
    for (let round = 0; round < 10; round += 1) {
      const all = open();
      for (let message = 0; message < 100; message += 1) await all.begin(topicOf(car), done);
      all.close();
    }
    const sizes = [file, `${file}.1`].map((name) => statSync(name).size);
    expect(Math.max(...sizes)).toBeLessThan(80_000);
  });

  test('is read up to a line that a killed process left half-written', async () => {
    const before = open();
    await before.begin(topicOf(car), done);
    before.close();
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"id":"12`);
    expect(open(false).find(car)).toHaveLength(1);
  });

  test('is not written where nobody wants it', async () => {
    const all = open(false);
    await all.begin(topicOf(car), done);
    all.close();
    expect(existsSync(file)).toBe(false);
  });
});
