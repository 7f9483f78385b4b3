import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Queue } from '#local/queues/queue.ts';
import { Collection } from '#local/state/collection.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { localQueues, newDirectory } from './local-queues.ts';

const send = (queue: Queue, body: string, delaySeconds?: number) =>
  queue.send({ body, attributes: {}, sender: 'test', delaySeconds });
const bodies = async (queue: Queue, seconds = 30, wait = 0) =>
  (await queue.receive(10, seconds, wait)).map(({ message }) => message.body);

async function open(options: { clock: ManualClock; directory?: string }, properties = {}) {
  const local = localQueues(options);
  await local.create('AWS::SQS::Queue', 'q', properties);
  return { ...local, queue: local.queues.find('q') };
}

describe('a queue', () => {
  test('hides a received message for its visibility timeout', async () => {
    const clock = new ManualClock();
    const { queue, close } = await open({ clock });
    send(queue, 'a');
    expect(await bodies(queue, 30)).toEqual(['a']);
    clock.advance(29_999);
    expect(await bodies(queue)).toEqual([]);
    clock.advance(1);
    expect(await bodies(queue)).toEqual(['a']);
    close();
  });

  test('keeps a delayed message back, and wakes who waits for it', async () => {
    const clock = new ManualClock();
    const { queue, close } = await open({ clock });
    send(queue, 'later', 900);
    const waiting = bodies(queue, 30, 1000);
    clock.advance(899_999);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    clock.advance(1);
    expect(await waiting).toEqual(['later']);
    close();
  });

  test('answers a long poll with nothing when its time is over', async () => {
    const clock = new ManualClock();
    const { queue, close } = await open({ clock });
    const waiting = bodies(queue, 30, 20);
    clock.advance(20_000);
    expect(await waiting).toEqual([]);
    close();
  });

  test('forgets what is older than its retention', async () => {
    const clock = new ManualClock();
    const { queue, close } = await open({ clock }, { MessageRetentionPeriod: 60 });
    send(queue, 'old');
    clock.advance(60_001);
    expect(await bodies(queue)).toEqual([]);
    expect(queue.counts().visible).toBe(0);
    close();
  });

  test('has the same messages, delays and receive counts after a restart', async () => {
    const clock = new ManualClock();
    const directory = newDirectory();
    const before = await open({ clock, directory });
    send(before.queue, 'seen');
    await before.queue.receive(1, 60, 0);
    send(before.queue, 'new');
    send(before.queue, 'delayed', 30);
    const [deleted] = await before.queue.receive(1, 60, 0);
    before.queue.delete(deleted?.receiptHandle ?? '');
    before.close();
    const { queue, close } = await open({ clock, directory });
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 1 });
    clock.advance(60_000);
    const received = await queue.receive(10, 30, 0);
    expect(received.map(({ message, receives }) => [message.body, receives]).sort()).toEqual([
      ['delayed', 1],
      ['seen', 2],
    ]);
    close();
  });

  test('refuses to be a FIFO queue or to have an unknown property, by name', async () => {
    const { create, close } = await open({ clock: new ManualClock() });
    await expect(create('AWS::SQS::Queue', 'x', { FifoQueue: true })).rejects.toThrow(/FIFO/);
    await expect(create('AWS::SQS::Queue', 'x', { Colour: 'red' })).rejects.toThrow(/Colour/);
    close();
  });

  test('never loses a message and never hands out one that is in flight, whatever happens in whatever order', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('send' as const), seconds: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ do: fc.constant('receive' as const), seconds: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ do: fc.constant('delete' as const), seconds: fc.nat(5) }),
      fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ do: fc.constant('restart' as const), seconds: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = new ManualClock();
        const directory = newDirectory();
        let local = await open({ clock, directory });
        const visibleAt = new Map<string, number>();
        const handles = new Map<string, string>();
        for (const { do: action, seconds } of steps) {
          const now = clock.now();
          if (action === 'send') visibleAt.set(send(local.queue, 'x', seconds).id, now + seconds * 1000);
          if (action === 'wait') clock.advance(seconds * 1000);
          if (action === 'receive') {
            const received = await local.queue.receive(3, seconds, 0);
            const due = [...visibleAt.values()].filter((at) => at <= now).length;
            expect(received).toHaveLength(Math.min(3, due));
            for (const { message, receiptHandle } of received) {
              expect(visibleAt.get(message.id)).toBeLessThanOrEqual(now);
              visibleAt.set(message.id, now + seconds * 1000);
              handles.set(message.id, receiptHandle);
            }
          }
          if (action === 'delete') {
            const [id, handle] = [...handles][seconds] ?? [];
            if (id === undefined || handle === undefined) continue;
            local.queue.delete(handle);
            handles.delete(id);
            visibleAt.delete(id);
          }
          if (action === 'restart') {
            local.close();
            local = await open({ clock, directory });
          }
        }
        local.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe('the journal of a queue', () => {
  test('stays small however many messages pass through', () => {
    const file = join(newDirectory(), 'passing.jsonl');
    const journal = new Collection<string>(file);
    const body = 'x'.repeat(10_000);
    for (let index = 0; index < 2000; index++) {
      journal.set(`${index}`, body);
      if (index >= 10) journal.delete(`${index - 10}`);
    }
    expect(journal.bytes).toBeLessThan(5 * 1024 * 1024);
    expect(readFileSync(file).length).toBe(journal.bytes);
    journal.close();
    expect([...new Collection<string>(file).entries()]).toHaveLength(10);
  });
});
