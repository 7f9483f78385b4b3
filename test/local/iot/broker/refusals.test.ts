import { once } from 'node:events';
import { connect } from 'node:tls';
import type { IConnectPacket } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type IssuedKeys, openAuthority } from '#local/iot/authority/authority.ts';
import { allow, openPolicy, startWorld, testDirectory, type World } from './fixture.ts';
import { connectRaw, openSocket, RawClient } from './raw-client.ts';

let world: World;
let keys: IssuedKeys;

beforeAll(async () => {
  world = await startWorld();
  keys = await world.device(openPolicy);
});
afterAll(() => world.broker.close());

const versions = [4, 5] as const;

describe('nobody gets in', () => {
  test('without a certificate', async () => {
    const socket = connect({
      host: '127.0.0.1',
      port: world.broker.port,
      ca: world.authority.caPem,
      servername: 'localhost',
    });

    const heard: unknown[] = [];
    socket.on('error', () => undefined).on('data', (data) => heard.push(data));

    await once(socket, 'close');
    expect(heard).toEqual([]);
  });

  test('with a certificate of another authority', async () => {
    const stranger = await (await openAuthority(testDirectory())).createKeysAndCertificate();
    // TLS 1.3 lets the client finish its handshake before the server has looked at the certificate
    const client = new RawClient(await openSocket(world, stranger), 5);

    client.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, clientId: 'stranger' });

    await client.closedByBroker();
    expect(client.received).toEqual([]);
  });

  test('with a registered certificate of another authority that names no server, or has ended', async () => {
    const other = await openAuthority(testDirectory(), { life: 5_000, now: () => Date.now() - 10_000 });
    const ended = await other.createKeysAndCertificate();
    const stranger = await (await openAuthority(testDirectory())).createKeysAndCertificate();
    world.principals.certificates.set(stranger.certificateId, { status: 'ACTIVE', policies: [openPolicy] });
    expect((await connectRaw(world, stranger, { clientId: 'stranger' })).connack.reasonCode).toBe(0);
    for (const [identity, servername] of [
      [stranger, ''],
      [ended, 'localhost'],
    ] as const) {
      world.principals.certificates.set(identity.certificateId, { status: 'ACTIVE', policies: [openPolicy] });
      const client = new RawClient(await openSocket(world, identity, servername), 5);
      client.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, clientId: 'stranger' });
      await client.closedByBroker();
      expect(client.received).toEqual([]);
    }
  });

  test.each(['INACTIVE', 'REVOKED', 'PENDING_ACTIVATION', undefined] as const)(
    'with a certificate that is %s',
    async (status) => {
      const own = await world.device(openPolicy);
      if (status === undefined) world.principals.certificates.delete(own.certificateId);
      else world.principals.certificates.set(own.certificateId, { status, policies: [openPolicy] });

      const five = await connectRaw(world, own, { clientId: 'shut-out' });
      const three = await connectRaw(world, own, { clientId: 'shut-out', protocolVersion: 4 });

      expect(five.connack.reasonCode).toBe(0x87);
      expect(three.connack.returnCode).toBe(7);
      await five.client.closedByBroker();
      await three.client.closedByBroker();
    },
  );

  test('under a client id that the policy does not name', async () => {
    const own = await world.device(allow('iot:Connect client/mine'));

    expect((await connectRaw(world, own, { clientId: 'mine' })).connack.reasonCode).toBe(0);
    expect((await connectRaw(world, own, { clientId: 'yours' })).connack.reasonCode).toBe(0x87);
  });

  test('by speaking first of something else than CONNECT', async () => {
    const client = new RawClient(await openSocket(world, keys), 5);

    client.publish('a');

    await client.closedByBroker();
  });

  const will = { topic: 'w', payload: Buffer.from('x'), qos: 1, retain: false } as const;
  test.each<[string, Partial<IConnectPacket> & { clientId: string }, number]>([
    ['a client id that begins with $', { clientId: '$me' }, 0x85],
    ['a client id of more than 128 bytes', { clientId: 'ä'.repeat(65) }, 0x85],
    ['a will of QoS 2', { clientId: 'c', will: { ...will, qos: 2 } }, 0x9b],
    ['a will on a wildcard', { clientId: 'c', will: { ...will, topic: 'w/+' } }, 0x90],
    ['enhanced authentication', { clientId: 'c', properties: { authenticationMethod: 'x' } }, 0x86],
  ])('with %s', async (_, packet, reason) => {
    expect((await connectRaw(world, keys, packet)).connack.reasonCode).toBe(reason);
  });

  test('with a will that the policy forbids, or a retained one that it forbids', async () => {
    const own = await world.device(
      allow('iot:Connect client/c', 'iot:Publish topic/w', 'iot:Publish topic/r', 'iot:RetainPublish topic/r'),
    );
    const answer = async (topic: string, retain: boolean) =>
      (await connectRaw(world, own, { clientId: 'c', will: { ...will, topic, retain } })).connack.reasonCode;

    expect(await answer('w', false)).toBe(0);
    expect(await answer('w', true)).toBe(0x87);
    expect(await answer('r', true)).toBe(0);
    expect(await answer('other', false)).toBe(0x87);
  });

  test('with MQTT 3.1', async () => {
    const client = new RawClient(await openSocket(world, keys), 4);

    client.send({ cmd: 'connect', protocolId: 'MQIsdp', protocolVersion: 3, clean: true, clientId: 'old' });

    expect(await client.next('connack')).toMatchObject({ returnCode: 1 });
  });
});

describe('a forbidden message', () => {
  test('of MQTT 5 and QoS 1 is answered with 0x87, and the connection stays', async () => {
    const own = await world.device(allow('iot:Connect client/p5', 'iot:Publish topic/mine'));
    const { client } = await connectRaw(world, own, { clientId: 'p5' });

    client.publish('yours');
    expect(await client.next('puback')).toMatchObject({ messageId: 7, reasonCode: 0x87 });
    client.publish('mine');
    expect(await client.next('puback')).toMatchObject({ messageId: 7, reasonCode: 0 });
    expect(world.seen.some(({ topic }) => topic === 'yours')).toBe(false);
  });

  test('of MQTT 5 and QoS 0 ends the connection with 0x87', async () => {
    const own = await world.device(allow('iot:Connect client/p5'));
    const { client } = await connectRaw(world, own, { clientId: 'p5' });

    client.publish('yours', 'x', 0);

    expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x87 });
    await client.closedByBroker();
  });

  test.each([0, 1] as const)('of MQTT 3.1.1 and QoS %i ends the connection', async (qos) => {
    const own = await world.device(allow('iot:Connect client/p3'));
    const { client } = await connectRaw(world, own, { clientId: 'p3', protocolVersion: 4 });

    client.publish('yours', 'x', qos);

    await client.closedByBroker();
  });

  test('needs RetainPublish in addition when it is retained', async () => {
    const own = await world.device(allow('iot:Connect client/p5', 'iot:Publish topic/mine'));
    const { client } = await connectRaw(world, own, { clientId: 'p5' });

    client.publish('mine', 'x', 1, { retain: true });

    expect(await client.next('puback')).toMatchObject({ reasonCode: 0x87 });
  });

  test.each(['$aws/unknown', '$SYS/a', '$aws/events/presence/connected/x', '$aws/things/a/shadow/update/accepted'])(
    'on the reserved topic %s is refused even with every right',
    async (topic) => {
      const { client } = await connectRaw(world, keys, { clientId: 'reserved' });

      client.publish(topic);

      expect(await client.next('puback')).toMatchObject({ reasonCode: 0x87 });
    },
  );

  test('stops at once when the policy is taken away', async () => {
    const own = await world.device(openPolicy);
    const { client } = await connectRaw(world, own, { clientId: 'p5' });
    client.publish('a');
    expect(await client.next('puback')).toMatchObject({ reasonCode: 0 });

    world.principals.certificates.set(own.certificateId, { status: 'ACTIVE', policies: [] });

    client.publish('a');
    expect(await client.next('puback')).toMatchObject({ reasonCode: 0x87 });
  });
});

describe('a forbidden subscription', () => {
  test('is refused by its own code, the others are granted', async () => {
    const own = await world.device(allow('iot:Connect client/*', 'iot:Subscribe topicfilter/mine/*'));
    const subscriptions = [
      { topic: 'mine/#', qos: 1 },
      { topic: 'yours/#', qos: 1 },
    ] as const;
    const five = await connectRaw(world, own, { clientId: 's5' });
    const three = await connectRaw(world, own, { clientId: 's3', protocolVersion: 4 });

    five.client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [...subscriptions] });
    three.client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [...subscriptions] });

    expect((await five.client.next('suback')).granted).toEqual([1, 0x87]);
    expect((await three.client.next('suback')).granted).toEqual([1, 0x80]);
  });

  test('to a share needs the share in the policy', async () => {
    const own = await world.device(
      allow('iot:Connect client/*', 'iot:Subscribe topicfilter/a', 'iot:Subscribe topicfilter/$share/g/b'),
    );
    const { client } = await connectRaw(world, own, { clientId: 's5' });

    expect(await client.subscribe('$share/g/a')).toEqual([0x87]);
    expect(await client.subscribe('$share/g/b')).toEqual([1]);
  });

  test('does not help: what a policy does not let a client receive is dropped silently', async () => {
    const own = await world.device(allow('iot:Connect client/*', 'iot:Subscribe *', 'iot:Receive topic/d/open'));
    const { client } = await connectRaw(world, own, { clientId: 's5' });
    await client.subscribe('d/#');

    await world.broker.publish('d/secret', 'no', { qos: 1 });
    await world.broker.publish('d/open', 'yes', { qos: 1 });

    expect(await client.payloads()).toEqual(['yes']);
  });
});

describe('an unruly client', () => {
  test.each(versions)('of version %i that sends QoS 2 is not acknowledged', async (protocolVersion) => {
    const { client } = await connectRaw(world, keys, { clientId: 'q2', protocolVersion });

    client.publish('q2', 'x', 2);

    if (protocolVersion === 5) expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x9b });
    else await client.settled();
    expect(client.received).toEqual([]);
    expect(world.seen.some(({ topic }) => topic === 'q2')).toBe(false);
  });

  test.each<[string, string, number]>([
    ['a wildcard', 'a/+', 0x90],
    ['more than seven slashes', '1/2/3/4/5/6/7/8/9', 0x90],
    ['more than 256 bytes', 'ä'.repeat(129), 0x90],
  ])('that publishes on a topic with %s is told', async (_, topic, reason) => {
    const { client } = await connectRaw(world, keys, { clientId: 't5' });
    const three = await connectRaw(world, keys, { clientId: 't3', protocolVersion: 4 });

    client.publish(topic);
    three.client.publish(topic);

    expect(await client.next('puback')).toMatchObject({ reasonCode: reason });
    await three.client.closedByBroker();
  });

  test('that publishes more than 128 KB is told', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'large' });

    client.publish('a', Buffer.alloc(128 * 1024));
    expect(await client.next('puback')).toMatchObject({ reasonCode: 0 });
    client.publish('a', Buffer.alloc(128 * 1024 + 1));
    expect(await client.next('puback')).toMatchObject({ reasonCode: 0x97 });
  });

  test('that announces a packet over 146 KB is cut off before it is read', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'huge' });

    client.socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]));

    expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x97 });
  });

  test.each<[string, readonly number[]]>([
    ['a length of five digits', [0x30, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['a reserved packet type', [0x00, 0x00]],
    ['a topic longer than its packet', [0x30, 0x03, 0x00, 0x09, 0x61]],
    ['a topic that is not UTF-8', [0x30, 0x05, 0x00, 0x02, 0xc3, 0x28, 0x00]],
    ['a topic with NUL', [0x30, 0x05, 0x00, 0x02, 0x61, 0x00, 0x00]],
    ['a SUBSCRIBE without id', [0x82, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00]],
    ['a PUBACK of one byte', [0x40, 0x01, 0x00]],
  ])('that sends %s is cut off with 0x81', async (_, bytes) => {
    const { client } = await connectRaw(world, keys, { clientId: 'broken' });

    client.socket.write(Buffer.from(bytes));

    expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x81 });
    await client.closedByBroker();
  });

  test.each<[string, number, number]>([
    ['beyond the maximum', 9, 0x94],
    ['that was never set', 3, 0x82],
  ])('that uses a topic alias %s is cut off', async (_, topicAlias, reason) => {
    const { client } = await connectRaw(world, keys, { clientId: 'alias' });

    client.publish('', 'x', 0, { properties: { topicAlias } });

    expect(await client.next('disconnect')).toMatchObject({ reasonCode: reason });
  });

  test('that asks for more than eight filters gets none', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'many' });
    const subscriptions = Array.from({ length: 9 }, (__, index) => ({ topic: `many/${index}`, qos: 1 as const }));

    client.send({ cmd: 'subscribe', messageId: 1, subscriptions });

    expect((await client.next('suback')).granted).toEqual(Array(9).fill(0x97));
  });

  test.each(versions)('of version %i that subscribes a 51st time is cut off', async (protocolVersion) => {
    const { client } = await connectRaw(world, keys, { clientId: 'many', protocolVersion });
    for (let index = 0; index < 50; index += 1) expect(await client.subscribe(`many/${index}`)).toEqual([1]);
    expect(await client.subscribe('many/0')).toEqual([1]);

    expect(await client.subscribe('many/50')).toEqual([protocolVersion === 5 ? 0x97 : 0x80]);

    await client.closedByBroker();
  });

  test.each(['a/#/b', 'a+', '$share/g', '$share//a', '1/2/3/4/5/6/7/8/9'])(
    'that subscribes to %s is refused',
    async (filter) => {
      const { client } = await connectRaw(world, keys, { clientId: 'filters' });

      expect(await client.subscribe(filter)).toEqual([0x8f]);
    },
  );

  test('that sends a subscription identifier, or a subscription of QoS 2, is cut off', async () => {
    const first = await connectRaw(world, keys, { clientId: 'identifier' });
    const second = await connectRaw(world, keys, { clientId: 'subscriber-2' });

    first.client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'a', qos: 1 }],
      properties: { subscriptionIdentifier: 1 },
    });
    second.client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 2 }] });

    expect(await first.client.next('disconnect')).toMatchObject({ reasonCode: 0xa1 });
    expect(await second.client.next('disconnect')).toMatchObject({ reasonCode: 0x9b });
  });

  test('does not stop the others', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'orderly' });
    const unruly = await connectRaw(world, keys, { clientId: 'unruly' });
    unruly.client.socket.write(Buffer.from([0xf0, 0xff, 0xff, 0xff, 0xff, 0xff]));
    await unruly.client.closedByBroker();

    await client.settled();
    await vi.waitFor(() => expect(world.broker.connections().map(({ clientId }) => clientId)).toContain('orderly'));
  });
});
