import { generate } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { IssuedKeys } from '#local/iot/authority/authority.ts';
import type { Message } from '#local/iot/broker/message.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { openPolicy, startWorld, type World } from './fixture.ts';
import { connectRaw } from './raw-client.ts';

let world: World;
let keys: IssuedKeys;
const clock = new ManualClock(1_700_000_000_000);

beforeAll(async () => {
  world = await startWorld({ clock, settings: { publishing: { messages: 1000, bytes: 1_000_000 } } });
  keys = await world.device(openPolicy);
});
afterAll(() => world.broker.close());

const persistent = { clean: false, properties: { sessionExpiryInterval: 600 } } as const;

/** Disconnects and waits until the broker knows. */
async function leave({ client }: Awaited<ReturnType<typeof connectRaw>>): Promise<void> {
  client.send({ cmd: 'disconnect', reasonCode: 0 });
  await client.closedByBroker();
}

describe('a persistent session', () => {
  test('keeps its subscriptions and QoS 1 messages, and drops QoS 0', async () => {
    const first = await connectRaw(world, keys, { clientId: 'kept', ...persistent });
    expect(first.connack.sessionPresent).toBe(false);
    await first.client.subscribe('kept/+');
    await leave(first);
    await world.broker.publish('kept/a', 'one', { qos: 1 });
    await world.broker.publish('kept/a', 'lost', { qos: 0 });
    await world.broker.publish('kept/b', 'two', { qos: 1 });

    const second = await connectRaw(world, keys, { clientId: 'kept', ...persistent });

    expect(second.connack.sessionPresent).toBe(true);
    expect(await second.client.payloads()).toEqual(['one', 'two']);
  });

  test('repeats what was not acknowledged', async () => {
    const first = await connectRaw(world, keys, { clientId: 'unacked', ...persistent });
    await first.client.subscribe('unacked');
    await world.broker.publish('unacked', 'again', { qos: 1 });
    await first.client.next('publish');
    await leave(first);

    const second = await connectRaw(world, keys, { clientId: 'unacked', ...persistent });

    expect(await second.client.next('publish')).toMatchObject({ dup: true, topic: 'unacked' });
  });

  test('repeats no more at once than the client takes now', async () => {
    const first = await connectRaw(world, keys, { clientId: 'narrower', ...persistent });
    await first.client.subscribe('narrower');
    for (const text of ['1', '2', '3']) await world.broker.publish('narrower', text, { qos: 1 });
    await first.client.settled();
    await leave(first);

    const properties = { ...persistent.properties, receiveMaximum: 2 };
    const { client } = await connectRaw(world, keys, { clientId: 'narrower', ...persistent, properties });

    expect(await client.payloads()).toEqual(['1', '2']);
    expect(await client.payloads()).toEqual(['3']);
  });

  test('is forgotten with a clean start', async () => {
    const first = await connectRaw(world, keys, { clientId: 'cleaned', ...persistent });
    await first.client.subscribe('cleaned');
    await leave(first);

    const second = await connectRaw(world, keys, { clientId: 'cleaned', ...persistent, clean: true });
    await world.broker.publish('cleaned', 'x', { qos: 1 });

    expect(second.connack.sessionPresent).toBe(false);
    expect(await second.client.payloads()).toEqual([]);
  });

  test('ends when its time is over', async () => {
    const first = await connectRaw(world, keys, { clientId: 'expired', ...persistent });
    await first.client.subscribe('expired');
    await leave(first);

    clock.advance(600_000);

    const second = await connectRaw(world, keys, { clientId: 'expired', ...persistent });
    expect(second.connack.sessionPresent).toBe(false);
  });

  test('never lives longer than the quota, and says so', async () => {
    const { connack } = await connectRaw(world, keys, {
      clientId: 'long',
      clean: false,
      properties: { sessionExpiryInterval: 999_999 },
    });

    expect(connack.properties).toMatchObject({ sessionExpiryInterval: 3600 });
  });

  test('of MQTT 3.1.1 lives an hour', async () => {
    const connect = { clientId: 'three', protocolVersion: 4, clean: false } as const;
    await leave(await connectRaw(world, keys, connect));
    clock.advance(3_599_000);
    const resumed = await connectRaw(world, keys, connect);
    expect(resumed.connack.sessionPresent).toBe(true);
    await leave(resumed);
    clock.advance(3_600_000);
    expect((await connectRaw(world, keys, connect)).connack.sessionPresent).toBe(false);
  });

  test('does not deliver a message whose time is over, and counts down the others', async () => {
    const first = await connectRaw(world, keys, { clientId: 'aging', ...persistent });
    await first.client.subscribe('aging');
    await leave(first);
    await world.broker.publish('aging', 'stale', { qos: 1, properties: { messageExpiryInterval: 10 } });
    await world.broker.publish('aging', 'fresh', { qos: 1, properties: { messageExpiryInterval: 60 } });
    clock.advance(20_000);

    const second = await connectRaw(world, keys, { clientId: 'aging', ...persistent });

    const packet = await second.client.next('publish');
    expect(packet.payload.toString()).toBe('fresh');
    expect(packet.properties?.messageExpiryInterval).toBe(40);
  });

  test('replays ten stored messages a second', async () => {
    const first = await connectRaw(world, keys, { clientId: 'replay', ...persistent });
    await first.client.subscribe('replay');
    await leave(first);
    for (let index = 0; index < 25; index += 1) await world.broker.publish('replay', String(index), { qos: 1 });

    const { client } = await connectRaw(world, keys, { clientId: 'replay', ...persistent });

    expect(await client.payloads()).toHaveLength(10);
    clock.advance(1000);
    expect(await client.payloads()).toHaveLength(10);
    clock.advance(1000);
    expect(await client.payloads()).toEqual(['20', '21', '22', '23', '24']);
  });
});

describe('the flow of messages', () => {
  test('never exceeds what the client takes at once', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'window', properties: { receiveMaximum: 2 } });
    await client.subscribe('window');
    for (const text of ['1', '2', '3']) await world.broker.publish('window', text, { qos: 1 });

    const first = await client.next('publish');
    await client.next('publish');
    await client.settled();
    expect(client.received).toEqual([]);

    client.send({ cmd: 'puback', messageId: first.messageId ?? 0, reasonCode: 0 });
    expect((await client.next('publish')).payload.toString()).toBe('3');
  });

  test('delivers one copy for overlapping subscriptions', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'overlap' });
    await client.subscribe('over/+', 0);
    await client.subscribe('over/lap', 1);

    await world.broker.publish('over/lap', 'once', { qos: 1 });

    expect((await client.next('publish')).qos).toBe(1);
    expect(await client.payloads()).toEqual([]);
  });

  test('respects No Local', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'local' });
    await client.subscribe('local', 1, { nl: true });

    client.publish('local', 'mine');
    await client.next('puback');

    expect(await client.payloads()).toEqual([]);
  });

  test('takes topic aliases', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'aliases' });
    await client.subscribe('alias/#');

    client.publish('alias/a', 'first', 0, { properties: { topicAlias: 1 } });
    client.publish('', 'second', 0, { properties: { topicAlias: 1 } });

    expect((await client.next('publish')).properties?.topicAlias).toBeUndefined();
    expect(await client.next('publish')).toMatchObject({ topic: 'alias/a', payload: Buffer.from('second') });
  });

  test('gives a shared subscription one copy, and each share its own', async () => {
    const [one, two, other] = await Promise.all(
      ['share-1', 'share-2', 'share-3'].map(async (clientId) => (await connectRaw(world, keys, { clientId })).client),
    );
    if (one === undefined || two === undefined || other === undefined) throw new Error('three clients');
    await one.subscribe('$share/g/shared/+');
    await two.subscribe('$share/g/shared/+');
    await other.subscribe('$share/h/shared/+');

    for (let index = 0; index < 20; index += 1) await world.broker.publish('shared/a', String(index), { qos: 1 });

    const all = [...(await one.payloads()), ...(await two.payloads())];
    expect(all.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(await other.payloads()).toHaveLength(20);
  });

  test('keeps a message of a share for a member that is away, if none is there', async () => {
    const first = await connectRaw(world, keys, { clientId: 'share-away', ...persistent });
    await first.client.subscribe('$share/away/away');
    await leave(first);
    await world.broker.publish('away', 'waited', { qos: 1 });

    const second = await connectRaw(world, keys, { clientId: 'share-away', ...persistent });

    expect(await second.client.payloads()).toEqual(['waited']);
  });

  test('of a share never goes to a member whose session is over', async () => {
    const kept = await connectRaw(world, keys, { clientId: 'share-kept', ...persistent });
    const over = await connectRaw(world, keys, { clientId: 'share-over' });
    for (const { client } of [kept, over]) await client.subscribe('$share/over/over');
    await leave(kept);
    await leave(over);
    for (let index = 0; index < 10; index += 1) await world.broker.publish('over', String(index), { qos: 1 });

    const again = await connectRaw(world, keys, { clientId: 'share-kept', ...persistent });

    expect(await again.client.payloads()).toHaveLength(10);
  });

  test('ends for a client that sends more than 100 messages ahead of their acknowledgements', async () => {
    world.broker.reserve({
      handles: (topic) => topic === '$aws/never',
      handle: () => new Promise<void>(() => undefined),
    });
    const { client } = await connectRaw(world, keys, { clientId: 'eager' });

    for (let messageId = 1; messageId <= 100; messageId += 1) client.publish('$aws/never', 'x', 1, { messageId });
    await client.settled();
    client.publish('$aws/never', 'x', 1, { messageId: 101 });

    expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x93 });
  });

  test('waits for a client of MQTT 3.1.1 that sends more than 100 messages at once', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'eager-3', protocolVersion: 4 });
    const messages = Array.from({ length: 250 }, (_, index) =>
      generate({
        cmd: 'publish',
        topic: 'eager-3',
        payload: '',
        qos: 1,
        dup: false,
        retain: false,
        messageId: index + 1,
      }),
    );

    client.socket.write(Buffer.concat(messages));
    await client.settled();

    expect(client.received.map((packet) => packet.messageId)).toEqual(messages.map((_, index) => index + 1));
    expect(world.seen.filter(({ topic }) => topic === 'eager-3')).toHaveLength(250);
  });

  test('does not match the parent level with #, nor $ topics with a leading wildcard', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'wild' });
    await client.subscribe('sensor/#');
    await client.subscribe('#');
    await client.subscribe('+/events/#');
    await client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['#'] });
    expect(await client.next('unsuback')).toMatchObject({ granted: [0] });

    for (const topic of ['sensor', 'sensor/', 'sensor/a', '$aws/events/x']) await world.broker.publish(topic, topic);

    expect(await client.payloads()).toEqual(['sensor/', 'sensor/a']);
  });
});

describe('a retained message', () => {
  test('comes to exact subscriptions alone', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'retained' });
    await world.broker.publish('kept-for/you', 'still here', { qos: 1, retain: true });

    await client.subscribe('kept-for/#');
    await client.subscribe('$share/g/kept-for/you');
    expect(await client.payloads()).toEqual([]);
    await client.subscribe('kept-for/you');
    expect(await client.next('publish')).toMatchObject({ retain: true, payload: Buffer.from('still here') });
  });

  test('is deleted by an empty one', async () => {
    await world.broker.publish('kept-for/me', 'x', { retain: true });
    expect(world.broker.retainedMessage('kept-for/me')?.payload.toString()).toBe('x');

    await world.broker.publish('kept-for/me', '', { retain: true });

    expect(world.broker.retainedMessages().map(({ topic }) => topic)).not.toContain('kept-for/me');
  });

  test.each([
    [0, ['first', 'r', 'r']],
    [1, ['first', 'r']],
    [2, ['first']],
  ])('obeys retain handling %i', async (rh, expected) => {
    const { client } = await connectRaw(world, keys, { clientId: 'handling' });
    await world.broker.publish('handling', 'r', { retain: true });
    await client.subscribe('before');
    await world.broker.publish('before', 'first');

    await client.subscribe('handling', 1, { rh });
    await client.subscribe('handling', 1, { rh });

    expect(await client.payloads()).toEqual(expected);
  });
});

describe('keep-alive', () => {
  test.each([
    [0, 1200],
    [10, 30],
    [600, 600],
    [5000, 1200],
  ])('a wish of %i s becomes %i s', async (keepalive, granted) => {
    const { connack } = await connectRaw(world, keys, { clientId: 'alive', keepalive });

    expect(connack.properties?.serverKeepAlive).toBe(granted);
  });

  test('cuts a silent client after one and a half times of it', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'silent', keepalive: 30 });
    clock.advance(44_000);
    await client.settled();
    clock.advance(44_000);
    await client.settled();

    clock.advance(45_000);

    expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x8d });
    expect(lastDisconnect('silent')).toMatchObject({ disconnectReason: 'MQTT_KEEP_ALIVE_TIMEOUT' });
  });
});

describe('a will', () => {
  const will = { topic: 'last/words', payload: Buffer.from('gone'), qos: 1, retain: false } as const;
  const words = () =>
    world.seen.filter(({ topic, clientId }) => topic === 'last/words' && clientId === 'willing').length;

  test('is not sent after a goodbye', async () => {
    const before = words();
    await leave(await connectRaw(world, keys, { clientId: 'willing', will }));

    expect(words()).toBe(before);
  });

  test('is sent after a goodbye that asks for it', async () => {
    const before = words();
    const { client } = await connectRaw(world, keys, { clientId: 'willing', will });

    client.send({ cmd: 'disconnect', reasonCode: 4 });

    await vi.waitFor(() => expect(words()).toBe(before + 1));
  });

  test('is sent when the link is lost, when the client is replaced and when it is thrown out, unless forbidden', async () => {
    const before = words();
    const lost = await connectRaw(world, keys, { clientId: 'willing', will });
    lost.client.socket.destroy();
    await vi.waitFor(() => expect(words()).toBe(before + 1));

    const replaced = await connectRaw(world, keys, { clientId: 'willing', will });
    await connectRaw(world, keys, { clientId: 'willing', will });
    expect(await replaced.client.next('disconnect')).toMatchObject({ reasonCode: 0x8e });
    expect(words()).toBe(before + 2);

    expect(world.broker.disconnect('willing')).toBe(true);
    expect(words()).toBe(before + 3);
    expect(world.broker.disconnect('willing')).toBe(false);

    await connectRaw(world, keys, { clientId: 'willing', will });
    world.broker.disconnect('willing', { preventWillMessage: true });
    expect(words()).toBe(before + 3);
  });

  test('with a delay is taken back by a client that returns in time', async () => {
    const before = words();
    const delayed = { ...will, properties: { willDelayInterval: 30 } };
    const first = await connectRaw(world, keys, { clientId: 'willing', ...persistent, will: delayed });
    first.client.socket.destroy();
    await vi.waitFor(() =>
      expect(world.broker.connections().some(({ clientId }) => clientId === 'willing')).toBe(false),
    );
    clock.advance(29_000);
    const second = await connectRaw(world, keys, { clientId: 'willing', ...persistent, will: delayed });
    clock.advance(31_000);
    expect(words()).toBe(before);

    second.client.socket.destroy();
    await vi.waitFor(() =>
      expect(world.broker.connections().some(({ clientId }) => clientId === 'willing')).toBe(false),
    );
    clock.advance(30_000);
    expect(words()).toBe(before + 1);
  });

  test('reaches subscribers of a service topic, never the service', async () => {
    const handled = vi.fn();
    world.broker.reserve({ handles: (topic) => topic.startsWith('$aws/things/'), handle: handled });
    const { client } = await connectRaw(world, keys, {
      clientId: 'willing',
      will: { ...will, topic: '$aws/things/t/shadow/update' },
    });

    client.socket.destroy();

    await vi.waitFor(() => expect(world.seen.some(({ topic }) => topic === '$aws/things/t/shadow/update')).toBe(true));
    expect(handled).not.toHaveBeenCalled();
  });
});

const eventOf = ({ payload }: Message): Record<string, unknown> => JSON.parse(payload.toString());
const presenceOf = (clientId: string) =>
  world.seen
    .filter(({ topic }) => topic.startsWith('$aws/events/presence/') && topic.endsWith(`/${clientId}`))
    .map(eventOf);
const lastDisconnect = (clientId: string) =>
  presenceOf(clientId).findLast(({ eventType }) => eventType === 'disconnected');

describe('presence', () => {
  test('tells of each connection with rising version numbers', async () => {
    await leave(await connectRaw(world, keys, { clientId: 'seen' }));
    const second = await connectRaw(world, keys, { clientId: 'seen' });
    second.client.socket.destroy();
    await vi.waitFor(() => expect(presenceOf('seen')).toHaveLength(4));

    const [connected, left, again, lost] = presenceOf('seen');

    expect(connected).toEqual({
      clientId: 'seen',
      timestamp: expect.any(Number),
      eventType: 'connected',
      sessionIdentifier: expect.stringMatching(/^[0-9a-f]{32}$/),
      principalIdentifier: keys.certificateId,
      versionNumber: 0,
      ipAddress: '127.0.0.1',
    });
    expect(left).toEqual({
      clientId: 'seen',
      timestamp: expect.any(Number),
      eventType: 'disconnected',
      sessionIdentifier: connected?.['sessionIdentifier'],
      principalIdentifier: keys.certificateId,
      versionNumber: 0,
      clientInitiatedDisconnect: true,
      disconnectReason: 'CLIENT_INITIATED_DISCONNECT',
    });
    expect(again).toMatchObject({ versionNumber: 1 });
    expect(again?.['sessionIdentifier']).not.toBe(connected?.['sessionIdentifier']);
    expect(lost).toMatchObject({
      versionNumber: 1,
      clientInitiatedDisconnect: false,
      disconnectReason: 'CONNECTION_LOST',
    });
  });

  test('counts from 0 again after more than an hour', async () => {
    await leave(await connectRaw(world, keys, { clientId: 'counted' }));
    clock.advance(3_600_001);
    await leave(await connectRaw(world, keys, { clientId: 'counted' }));

    expect(presenceOf('counted').map(({ versionNumber }) => versionNumber)).toEqual([0, 0, 0, 0]);
  });

  test('names the thing if the client is one', async () => {
    world.principals.things.set(`${keys.certificateId} veh-1`, {
      thingName: 'veh-1',
      attributes: {},
      groupPolicies: [],
    });

    await leave(await connectRaw(world, keys, { clientId: 'veh-1' }));

    expect(presenceOf('veh-1')).toEqual([
      expect.objectContaining({ thingName: 'veh-1' }),
      expect.objectContaining({ thingName: 'veh-1' }),
    ]);
  });

  test('says why a connection was ended', async () => {
    const own = await world.device(openPolicy);
    await connectRaw(world, own, { clientId: 'why' });
    await connectRaw(world, own, { clientId: 'why' });
    expect(lastDisconnect('why')).toMatchObject({ disconnectReason: 'DUPLICATE_CLIENTID' });

    world.broker.disconnect('why');
    expect(lastDisconnect('why')).toMatchObject({
      disconnectReason: 'API_INITIATED_DISCONNECT',
      clientInitiatedDisconnect: false,
    });

    const { client } = await connectRaw(world, own, { clientId: 'why' });
    expect(world.broker.disconnectCertificate(own.certificateId)).toBe(1);
    expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x87 });
    expect(lastDisconnect('why')).toMatchObject({ disconnectReason: 'FORBIDDEN_ACCESS' });
  });

  test('keeps silent about client ids that stand in no topic', async () => {
    const { connack } = await connectRaw(world, keys, { clientId: 'a+b' });

    expect(connack.reasonCode).toBe(0);
    expect(world.seen.some(({ topic }) => topic.includes('a+b'))).toBe(false);
  });
});

describe('services behind reserved topics', () => {
  test('get the message instead of subscribers, and may answer the publisher alone', async () => {
    const asked: Message[] = [];
    world.broker.reserve({
      handles: (topic) => topic === '$aws/certificates/create-from-csr/json',
      handle(message, connection) {
        asked.push(message);
        if (connection !== undefined) world.broker.sendTo(connection, `${message.topic}/accepted`, 'secret');
      },
    });
    const { client } = await connectRaw(world, keys, { clientId: 'claim-1' });
    const spy = await connectRaw(world, keys, { clientId: 'spy' });
    const topic = '$aws/certificates/create-from-csr/json';
    for (const one of [client, spy.client]) await one.subscribe(`${topic}/accepted`);
    await spy.client.subscribe(topic);

    client.publish(topic, '{}');

    expect((await client.next('publish')).payload.toString()).toBe('secret');
    expect(await client.next('puback')).toMatchObject({ reasonCode: 0 });
    expect(asked).toMatchObject([{ clientId: 'claim-1', principal: keys.certificateId, qos: 1 }]);
    expect(await spy.client.payloads()).toEqual([]);
    expect(world.seen.some((message) => message.topic === topic)).toBe(false);
  });

  test('are asked too when a rule or the data plane publishes', async () => {
    const handle = vi.fn();
    world.broker.reserve({ handles: (topic) => topic.startsWith('$aws/rules/'), handle });

    await world.broker.submit('$aws/rules/r/a', 'x');

    expect(handle).toHaveBeenCalledWith(expect.objectContaining({ topic: '$aws/rules/r/a' }), undefined);
  });

  test('that fail leave the message unacknowledged with 0x80', async () => {
    world.broker.reserve({
      handles: (topic) => topic === '$aws/broken',
      handle: () => Promise.reject(new Error('broken')),
    });
    const { client } = await connectRaw(world, keys, { clientId: 'unlucky' });

    client.publish('$aws/broken');

    expect(await client.next('puback')).toMatchObject({ reasonCode: 0x80 });
  });
});
