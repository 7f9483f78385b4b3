import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IssuedKeys } from '#local/iot/authority/authority.ts';
import { Throughput } from '#local/iot/broker/throughput.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { openPolicy, startWorld, type World } from './fixture.ts';
import { connectRaw } from './raw-client.ts';

let world: World;
let keys: IssuedKeys;
const clock = new ManualClock(1_700_000_000_000);

beforeAll(async () => {
  world = await startWorld({ clock });
  keys = await world.device(openPolicy);
});
afterAll(() => world.broker.close());

function taken(topic: string): number {
  return world.seen.filter((message) => message.topic === topic).length;
}

describe('a client that publishes more than 100 messages in a second', () => {
  test('is told so message by message with MQTT 5, and taken again a second later', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'fast-5' });

    for (let messageId = 1; messageId <= 105; messageId += 1) {
      client.publish('fast-5', 'x', 1, { messageId });
      // no more than 100 may be open at once
      if (messageId % 50 === 0) await client.settled();
    }
    await client.settled();

    const codes = client.received.splice(0).map((packet) => ('reasonCode' in packet ? packet.reasonCode : undefined));
    expect(codes.filter((code) => code === 0x97)).toHaveLength(5);
    expect(taken('fast-5')).toBe(100);
    clock.advance(1000);
    client.publish('fast-5', 'later', 1, { messageId: 200 });
    expect(await client.next('puback')).toMatchObject({ messageId: 200, reasonCode: 0 });
  });

  test('gets no acknowledgement with MQTT 3.1.1, and may go on', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'fast-3', protocolVersion: 4 });

    for (let messageId = 1; messageId <= 105; messageId += 1) {
      client.publish('fast-3', 'x', 1, { messageId });
      if (messageId % 50 === 0) await client.settled();
    }
    await client.settled();

    expect(client.received.splice(0)).toHaveLength(100);
    expect(taken('fast-3')).toBe(100);
    clock.advance(1000);
    client.publish('fast-3', 'later', 1, { messageId: 200 });
    expect(await client.next('puback')).toMatchObject({ messageId: 200 });
  });

  test('may not send more than half a megabyte in a second either', async () => {
    const { client } = await connectRaw(world, keys, { clientId: 'fat' });
    const payload = Buffer.alloc(128 * 1024);

    for (let messageId = 1; messageId <= 5; messageId += 1) client.publish('fat', payload, 1, { messageId });
    const answers = [];
    for (let count = 0; count < 5; count += 1) answers.push((await client.next('puback')).reasonCode);

    expect(answers).toEqual([0, 0, 0, 0, 0x97]);
  });
});

test('over any time a connection gets in its quota and at most one second of it more', () => {
  const step = fc.record({ pause: fc.integer({ min: -500, max: 3000 }), count: fc.integer({ min: 0, max: 400 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const quota = { messages: 100, bytes: 1_000_000 };
      const throughput = new Throughput(quota, 0);
      let now = 0;
      let forward = 0;
      let admitted = 0;
      for (const { pause, count } of steps) {
        now += pause;
        forward += Math.max(0, pause);
        for (let each = 0; each < count; each += 1) if (throughput.admits(1, now)) admitted += 1;
      }
      expect(admitted).toBeLessThanOrEqual(quota.messages + (forward / 1000) * quota.messages);
    }),
  );
});
