import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IssuedKeys } from '#local/iot/authority/authority.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { openPolicy, startWorld, type World } from './fixture.ts';
import { connectRaw, type RawClient } from './raw-client.ts';

let world: World;
let keys: IssuedKeys;
const clock = new ManualClock(1_700_000_000_000);
beforeAll(async () => {
  world = await startWorld({ clock });
  keys = await world.device(openPolicy);
});
afterAll(() => world.broker.close());

/** A client that acknowledges nothing by itself, and never falls silent. */
async function hearer(clientId: string, properties = {}) {
  const { client } = await connectRaw(world, keys, { clientId, keepalive: 1200, properties });
  await client.subscribe(`to/${clientId}`);
  return client;
}

async function pass(client: RawClient, seconds: number): Promise<void> {
  clock.advance(seconds * 1000);
  await client.settled();
}

const waiting = (client: RawClient) => client.received.filter(({ cmd }) => cmd === 'publish').length;

test('a message that is not acknowledged comes again every half minute, until it is', async () => {
  const client = await hearer('slow');
  await world.broker.publish('to/slow', 'x', { qos: 1 });
  const first = await client.next('publish');
  await pass(client, 29);
  expect(waiting(client)).toBe(0);

  await pass(client, 1);

  expect(await client.next('publish')).toMatchObject({
    payload: Buffer.from('x'),
    dup: true,
    messageId: first.messageId,
  });
  await pass(client, 30);
  client.send({ cmd: 'puback', messageId: (await client.next('publish')).messageId ?? 0, reasonCode: 0 });
  await client.settled();
  await pass(client, 60);
  expect(waiting(client)).toBe(0);
});

test('what comes later waits its own half minute', async () => {
  const client = await hearer('own');
  await world.broker.publish('to/own', 'early', { qos: 1 });
  await pass(client, 20);
  await world.broker.publish('to/own', 'late', { qos: 1 });
  await client.next('publish');
  await client.next('publish');

  await pass(client, 10);
  expect((await client.next('publish')).payload.toString()).toBe('early');
  expect(waiting(client)).toBe(0);
  await pass(client, 20);
  expect((await client.next('publish')).payload.toString()).toBe('late');
});

test('after an hour it is given up, and the next one has its place', async () => {
  const client = await hearer('deaf', { receiveMaximum: 1 });
  await world.broker.publish('to/deaf', 'given up', { qos: 1 });
  await world.broker.publish('to/deaf', 'next', { qos: 1 });
  for (let seconds = 0; seconds < 3600; seconds += 30) await pass(client, 30);
  expect(client.received.flatMap((one) => (one.cmd === 'publish' ? [one.payload.toString()] : []))).not.toContain(
    'next',
  );
  client.received.splice(0);

  await pass(client, 30);

  expect((await client.next('publish')).payload.toString()).toBe('next');
});

test('a message whose time is over does not come again', async () => {
  const client = await hearer('brief');
  await world.broker.publish('to/brief', 'x', { qos: 1, properties: { messageExpiryInterval: 20 } });
  await client.next('publish');

  await pass(client, 30);

  expect(waiting(client)).toBe(0);
});

test('a message that was sent in a future which the clock was set back from comes again, and is given up after its hour', async () => {
  const day = 24 * 3_600_000;
  clock.advance(day);
  const client = await hearer('returned', { receiveMaximum: 1 });
  await world.broker.publish('to/returned', 'x', { qos: 1 });
  await world.broker.publish('to/returned', 'next', { qos: 1 });
  await client.next('publish');
  clock.setBack(day);
  await pass(client, 30);
  expect(await client.next('publish')).toMatchObject({ payload: Buffer.from('x'), dup: true });
  for (let seconds = 0; seconds <= 3600; seconds += 30) await pass(client, 30);
  const said = client.received.flatMap((one) => (one.cmd === 'publish' ? [one.payload.toString()] : []));
  expect(said.at(-1)).toBe('next');
});
