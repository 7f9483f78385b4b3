import { EventBridgeClient, type PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { Bus } from '#functions/adapters/event-bridge/bus.ts';

/** The real client with an answer instead of a network. */
function clientThat(answer: (names: readonly string[]) => Pick<PutEventsCommandOutput, 'Entries'>) {
  const calls: (readonly string[])[] = [];
  const client = new EventBridgeClient({ region: 'eu-central-1' });
  client.middlewareStack.add(
    () => async (args) => {
      const { Entries } = JSON.parse(JSON.stringify(args.input));
      const names = Entries.map((entry: { DetailType: string }) => entry.DetailType);
      calls.push(names);
      return { output: { $metadata: {}, ...answer(names) }, response: {} };
    },
    { step: 'initialize', priority: 'high' },
  );
  return { client, calls };
}

const event = (name: string) => ({ name, eventId: name, at: 0 });

test('events that are put at the same time go in calls of ten', async () => {
  const { client, calls } = clientThat((names) => ({ Entries: names.map((EventId) => ({ EventId })) }));
  const bus = new Bus(client, 'bus', 'fleetloom.test');
  const names = Array.from({ length: 23 }, (_, index) => `e${index}`);
  await Promise.all(names.map((name) => bus.put(event(name))));
  expect(calls.map((call) => call.length)).toEqual([10, 10, 3]);
  expect(calls.flat()).toEqual(names);
});

test('who put an event that the bus refused hears of it, and nobody else', async () => {
  const { client } = clientThat((names) => ({
    Entries: names.map((name) => (name === 'bad' ? { ErrorCode: 'ThrottlingException' } : { EventId: name })),
  }));
  const bus = new Bus(client, 'bus', 'fleetloom.test');
  const results = await Promise.allSettled(['good', 'bad', 'fine'].map((name) => bus.put(event(name))));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('where the call fails, everybody in it hears of it, and the next call is a new one', async () => {
  let broken = true;
  const { client } = clientThat((names) => {
    if (broken) throw new Error('no network');
    return { Entries: names.map((EventId) => ({ EventId })) };
  });
  const bus = new Bus(client, 'bus', 'fleetloom.test');
  const results = await Promise.allSettled(['a', 'b'].map((name) => bus.put(event(name))));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  broken = false;
  await expect(bus.put(event('c'))).resolves.toBeUndefined();
});
