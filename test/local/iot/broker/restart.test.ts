import { cpSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { IssuedKeys } from '#local/iot/authority/authority.ts';
import type { BrokerStores } from '#local/iot/broker/broker.ts';
import { State } from '#local/state/collection.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { openPolicy, startWorld, testDirectory, type World } from './fixture.ts';
import { connectRaw } from './raw-client.ts';

interface Life {
  readonly world: World;
  readonly directory: string;
  readonly state: State;
  readonly clock: ManualClock;
}

const lives: Life[] = [];
afterEach(async () => {
  for (const { world, state } of lives.splice(0)) {
    await world.broker.close();
    state.close();
  }
});

async function begin(directory = testDirectory(), startedAt = 1_700_000_000_000): Promise<Life> {
  const clock = new ManualClock(startedAt);
  const state = new State(directory);
  const stores: BrokerStores = {
    sessions: state.collection('sessions'),
    messages: state.collection('messages'),
    retained: state.collection('retained'),
    wills: state.collection('wills'),
  };
  const world = await startWorld({ clock, stores, presence: state.collection('presence') });
  const life = { world, directory, state, clock };
  lives.push(life);
  return life;
}

/** Goes on from what stands on the disk at this very moment; the former process says nothing more to it. */
async function killedAndRestarted({ directory, world, clock }: Life, downFor = 0): Promise<Life> {
  const copy = testDirectory();
  cpSync(directory, copy, { recursive: true });
  const next = await begin(copy, clock.now() + downFor);
  for (const [id, certificate] of world.principals.certificates)
    next.world.principals.certificates.set(id, certificate);
  return next;
}

const persistent = { clean: false, properties: { sessionExpiryInterval: 600 } } as const;

async function subscriber(life: Life, clientId: string, filter: string, keys?: IssuedKeys) {
  const owner = keys ?? (await life.world.device(openPolicy));
  const { client, connack } = await connectRaw(life.world, owner, { clientId, ...persistent });
  if (connack.sessionPresent !== true) await client.subscribe(filter);
  return { client, connack, keys: owner };
}

async function leave({ client }: Awaited<ReturnType<typeof subscriber>>): Promise<void> {
  client.send({ cmd: 'disconnect', reasonCode: 0 });
  await client.closedByBroker();
}

describe('after the broker was killed', () => {
  test('a client that was away gets the messages that were stored for it, in their order and with all they said', async () => {
    const life = await begin();
    const first = await subscriber(life, 'kept', 'kept/+');
    await leave(first);
    const properties = { responseTopic: 'answers', correlationData: Buffer.from([0, 255, 7]), contentType: 'text/x' };
    await life.world.broker.publish('kept/a', 'one', { qos: 1, properties });
    await life.world.broker.publish('kept/b', Buffer.from([1, 0, 2]), { qos: 1 });
    await life.world.broker.publish('kept/b', 'never stored', { qos: 0 });

    const after = await killedAndRestarted(life);
    const second = await subscriber(after, 'kept', 'kept/+', first.keys);

    expect(second.connack.sessionPresent).toBe(true);
    const one = await second.client.next('publish');
    expect(one.payload.toString()).toBe('one');
    expect(one.properties).toMatchObject(properties);
    expect((await second.client.next('publish')).payload).toEqual(Buffer.from([1, 0, 2]));
    expect(await second.client.payloads()).toEqual([]);
  });

  test('a client that was connected gets what it had not acknowledged, and nothing that it had', async () => {
    const life = await begin();
    const first = await subscriber(life, 'unacked', 'unacked');
    await life.world.broker.publish('unacked', 'done', { qos: 1 });
    expect(await first.client.payloads()).toEqual(['done']);
    await first.client.settled();
    await life.world.broker.publish('unacked', 'open', { qos: 1 });
    await first.client.next('publish');

    const after = await killedAndRestarted(life);
    const second = await subscriber(after, 'unacked', 'unacked', first.keys);

    expect(await second.client.payloads()).toEqual(['open']);
  });

  test('its subscriptions go on without being made again', async () => {
    const life = await begin();
    const first = await subscriber(life, 'still', 'still/#');
    await leave(first);

    const after = await killedAndRestarted(life);
    await after.world.broker.publish('still/here', 'new', { qos: 1 });
    const second = await subscriber(after, 'still', 'still/#', first.keys);

    expect(await second.client.payloads()).toEqual(['new']);
  });

  test('what was unsubscribed stays so', async () => {
    const life = await begin();
    const first = await subscriber(life, 'less', 'less');
    first.client.send({ cmd: 'unsubscribe', messageId: 9, unsubscriptions: ['less'] });
    await first.client.next('unsuback');

    const after = await killedAndRestarted(life);
    await after.world.broker.publish('less', 'unwanted', { qos: 1 });
    const second = await subscriber(after, 'less', 'less', first.keys);

    expect(await second.client.payloads()).toEqual([]);
  });

  test('a session whose time ran out meanwhile is gone, with its messages', async () => {
    const life = await begin();
    const first = await subscriber(life, 'late', 'late');
    await leave(first);
    await life.world.broker.publish('late', 'stored', { qos: 1 });

    const after = await killedAndRestarted(life, 600_001);
    after.clock.advance(1);
    const second = await connectRaw(after.world, first.keys, { clientId: 'late', ...persistent });

    expect(second.connack.sessionPresent).toBe(false);
    expect(await second.client.payloads()).toEqual([]);
    expect([...after.state.collection('messages').keys()]).toEqual([]);
  });

  test('a session of a future that the clock was set back from waits no longer than it was to', async () => {
    const life = await begin();
    const first = await subscriber(life, 'returned', 'returned');
    await leave(first);

    const after = await killedAndRestarted(life, -24 * 3_600_000);
    after.clock.advance(600_001);
    const second = await connectRaw(after.world, first.keys, { clientId: 'returned', ...persistent });

    expect(second.connack.sessionPresent).toBe(false);
  });

  test('a session that ended with its connection left nothing behind', async () => {
    const life = await begin();
    const keys = await life.world.device(openPolicy);
    const { client } = await connectRaw(life.world, keys, { clientId: 'brief' });
    await client.subscribe('brief');
    await life.world.broker.publish('brief', 'x', { qos: 1 });
    await client.next('publish');

    const after = await killedAndRestarted(life);

    expect([...after.state.collection('sessions').keys()]).toEqual([]);
    expect([...after.state.collection('messages').keys()]).toEqual([]);
  });

  test('retained messages are there, and deleted ones are not', async () => {
    const life = await begin();
    await life.world.broker.publish('retained/a', 'stays', { qos: 1, retain: true });
    await life.world.broker.publish('retained/b', 'goes', { qos: 1, retain: true });
    await life.world.broker.publish('retained/b', '', { qos: 1, retain: true });

    const after = await killedAndRestarted(life);
    const { client } = await subscriber(after, 'reader', 'retained/a');

    expect(await client.next('publish')).toMatchObject({ retain: true, payload: Buffer.from('stays') });
    expect(after.world.broker.retainedMessages().map(({ topic }) => topic)).toEqual(['retained/a']);
  });

  test('the will of a client that was connected is sent once, and that of one which said goodbye never', async () => {
    const life = await begin();
    const keys = await life.world.device(openPolicy);
    const will = (topic: string) => ({ topic, payload: Buffer.from('gone'), qos: 1, retain: false }) as const;
    await connectRaw(life.world, keys, { clientId: 'cut', will: will('wills/cut') });
    const polite = await connectRaw(life.world, keys, { clientId: 'polite', will: will('wills/polite') });
    polite.client.send({ cmd: 'disconnect', reasonCode: 0 });
    await polite.client.closedByBroker();

    const after = await killedAndRestarted(life);
    after.world.broker.announceLost();
    after.world.broker.announceLost();

    const sent = after.world.seen.map(({ topic }) => topic).filter((topic) => topic.startsWith('wills/'));
    expect(sent).toEqual(['wills/cut']);
  });
});
