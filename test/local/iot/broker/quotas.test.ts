import type { IConnectPacket } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IssuedKeys } from '#local/iot/authority/authority.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { openPolicy, startWorld, type World } from './fixture.ts';
import { connectRaw, type RawClient } from './raw-client.ts';

let world: World;
let keys: IssuedKeys;
const clock = new ManualClock(1_700_000_000_000);
beforeAll(async () => {
  world = await startWorld({ clock, settings: { connectPauseSeconds: 1 } });
  keys = await world.device(openPolicy);
});
afterAll(() => world.broker.close());

async function hearer(clientId: string): Promise<RawClient> {
  const { client } = await connectRaw(world, keys, { clientId });
  await client.subscribe('many');
  return client;
}

describe('a client is sent no more than a hundred messages a second', () => {
  const send = async (qos: 0 | 1) => {
    for (let count = 0; count < 150; count += 1) await world.broker.publish('many', String(count), { qos });
  };

  test('of QoS 0, of which the rest is dropped', async () => {
    const client = await hearer('fast-0');

    await send(0);

    expect(await client.payloads()).toHaveLength(100);
    clock.advance(5000);
    expect(await client.payloads()).toEqual([]);
    client.socket.destroy();
  });

  test('of QoS 1, of which the rest waits and keeps its order', async () => {
    const client = await hearer('fast-1');
    await send(1);
    const first = await client.payloads();
    expect(first).toHaveLength(100);
    await client.settled();

    clock.advance(1000);

    expect([...first, ...(await client.payloads())]).toEqual(Array.from({ length: 150 }, (_, count) => String(count)));
    client.socket.destroy();
  });
});

test('a client id that connects twice in a second is refused where the operator wants it so', async () => {
  await connectRaw(world, keys, { clientId: 'hasty' });

  expect((await connectRaw(world, keys, { clientId: 'hasty' })).connack).toMatchObject({ reasonCode: 0x97 });
  const three: Partial<IConnectPacket> = { protocolVersion: 4 };
  expect((await connectRaw(world, keys, { clientId: 'hasty', ...three })).connack).toMatchObject({ returnCode: 3 });
  expect(world.broker.connections().map(({ clientId }) => clientId)).toContain('hasty');
  clock.advance(1000);
  expect((await connectRaw(world, keys, { clientId: 'hasty' })).connack).toMatchObject({ reasonCode: 0 });
});

describe('by the codes of MQTT 5', () => {
  test('a packet id that is still open is refused, and the message under it goes through once', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.broker.reserve({ handles: (topic) => topic === '$aws/held', handle: () => held });
    const { client } = await connectRaw(world, keys, { clientId: 'same-id' });

    client.publish('$aws/held', 'first');
    client.publish('$aws/held', 'second');

    expect(await client.next('puback')).toMatchObject({ messageId: 7, reasonCode: 0x91 });
    release();
    expect(await client.next('puback')).toMatchObject({ messageId: 7, reasonCode: 0 });
    client.publish('elsewhere', 'third');
    expect(await client.next('puback')).toMatchObject({ messageId: 7, reasonCode: 0 });
  });

  test('a filter that is none is named in the answer to UNSUBSCRIBE', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'unsubscriber' });

    client.send({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: ['a/#/b', 'never'] });

    expect(await client.next('unsuback')).toMatchObject({ granted: [0x8f, 0] });
  });

  test('a response topic with wildcards, or a share without local messages, is a protocol error', async () => {
    const asking = await connectRaw(world, keys, { clientId: 'asking' });
    asking.client.publish('a', 'x', 1, { properties: { responseTopic: 'answers/#' } });
    expect(await asking.client.next('disconnect')).toMatchObject({ reasonCode: 0x82 });

    const sharing = await connectRaw(world, keys, { clientId: 'sharing' });
    const subscriptions = [{ topic: '$share/g/a', qos: 1, nl: true } as const];
    sharing.client.send({ cmd: 'subscribe', messageId: 1, subscriptions });
    expect(await sharing.client.next('disconnect')).toMatchObject({ reasonCode: 0x82 });
  });
});
