import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Fate, Faults } from '#local/faults/faults.ts';
import { injectedError } from '#local/faults/known-errors.ts';
import type { IssuedKeys } from '#local/iot/authority/authority.ts';
import { openPolicy, startWorld, type World } from './fixture.ts';
import { connectRaw } from './raw-client.ts';

let fates: (topic: string) => Fate | Promise<Fate>;
const faults: Faults = { at: (hop, label) => (hop === 'mqtt' ? fates(label) : { kind: 'deliver' }) };

let world: World;
let keys: IssuedKeys;

beforeAll(async () => {
  world = await startWorld({ faults });
  keys = await world.device(openPolicy);
});
beforeEach(() => {
  fates = () => ({ kind: 'deliver' });
});
afterAll(() => world.broker.close());

/** The next message on the topic meets this fate, the others arrive. */
function once(topic: string, fate: Fate): void {
  let met = false;
  fates = (asked) => {
    if (asked !== topic || met) return { kind: 'deliver' };
    met = true;
    return fate;
  };
}

test('a message lost on the way in is neither acknowledged nor delivered', async () => {
  const { client } = await connectRaw(world, keys, { clientId: 'in' });
  once('lost', { kind: 'drop' });

  client.publish('lost');
  await client.settled();

  expect(client.received).toEqual([]);
  expect(world.seen.some(({ topic }) => topic === 'lost')).toBe(false);
});

test('a message doubled on the way in is seen twice and acknowledged once', async () => {
  const { client } = await connectRaw(world, keys, { clientId: 'in' });
  once('doubled', { kind: 'duplicate' });

  client.publish('doubled');

  await client.next('puback');
  expect(world.seen.filter(({ topic }) => topic === 'doubled')).toHaveLength(2);
});

test('a delivery lost on the way out comes again with the next connection', async () => {
  const session = { clientId: 'out', clean: false, properties: { sessionExpiryInterval: 60 } } as const;
  const { client } = await connectRaw(world, keys, session);
  await client.subscribe('out');
  once('out', { kind: 'drop' });
  await world.broker.publish('out', 'x', { qos: 1 });
  await client.settled();
  expect(client.received).toEqual([]);
  client.socket.destroy();
  await vi.waitFor(() => expect(world.broker.connections().some(({ clientId }) => clientId === 'out')).toBe(false));

  const again = await connectRaw(world, keys, session);

  expect(await again.client.next('publish')).toMatchObject({ dup: true });
});

test('a delivery may wait', async () => {
  const { client } = await connectRaw(world, keys, { clientId: 'slow' });
  await client.subscribe('slow');
  let open: (fate: Fate) => void = () => undefined;
  const gate = new Promise<Fate>((resolve) => {
    open = resolve;
  });
  fates = () => gate;

  await world.broker.publish('slow', 'x', { qos: 1 });
  await client.settled();
  expect(client.received).toEqual([]);
  open({ kind: 'deliver' });

  expect((await client.next('publish')).payload.toString()).toBe('x');
});

test('a link that fails while it delivers is lost', async () => {
  const { client } = await connectRaw(world, keys, { clientId: 'cut' });
  await client.subscribe('cut');
  once('cut', { kind: 'fail', error: new Error('tunnel') });

  await world.broker.publish('cut', 'x', { qos: 1 });

  await client.closedByBroker();
});

test.each([
  ['before', 0],
  ['after', 1],
] as const)('a link that is cut %s a message is taken: nobody acknowledges it', async (when, seen) => {
  const { client } = await connectRaw(world, keys, { clientId: `cut-${when}` });
  once(`in-${when}`, { kind: 'cut', when });

  client.publish(`in-${when}`);

  await client.closedByBroker();
  expect(client.received).toEqual([]);
  expect(world.seen.filter(({ topic }) => topic === `in-${when}`)).toHaveLength(seen);
});

test.each(['before', 'after'] as const)(
  'a delivery whose link is cut %s it comes again, for nobody acknowledged it',
  async (when) => {
    const session = { clientId: `out-${when}`, clean: false, properties: { sessionExpiryInterval: 60 } } as const;
    const { client } = await connectRaw(world, keys, session);
    await client.subscribe(`out-${when}`);
    once(`out-${when}`, { kind: 'cut', when });
    await world.broker.publish(`out-${when}`, 'x', { qos: 1 });
    await client.closedByBroker();
    await vi.waitFor(() =>
      expect(world.broker.connections().some(({ clientId }) => clientId === session.clientId)).toBe(false),
    );

    const again = await connectRaw(world, keys, session);

    expect(await again.client.next('publish')).toMatchObject({ dup: true });
  },
);

test('a message above the rate is refused as one too many', async () => {
  const { client } = await connectRaw(world, keys, { clientId: 'fast' });
  once('fast', { kind: 'fail', error: injectedError('ThrottlingException') });

  client.publish('fast');

  expect(await client.next('puback')).toMatchObject({ reasonCode: 0x97 });
  expect(world.seen.some(({ topic }) => topic === 'fast')).toBe(false);
});

test('closing tells every client of MQTT 5, and tells presence', async () => {
  const own = await startWorld();
  const device = await own.device(openPolicy);
  const { client } = await connectRaw(own, device, { clientId: 'last' });

  await own.broker.close();

  expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x8b });
  expect(own.seen.at(-1)?.topic).toBe('$aws/events/presence/disconnected/last');
});

test('a killed process leaves its disconnect events to the next one', async () => {
  const since = Date.now() - 1000;
  const record = { versionNumber: 4, sessionIdentifier: 's', principalIdentifier: 'p', connected: true, since };
  const own = await startWorld({
    presence: new Map([
      ['gone', record],
      ['back', record],
    ]),
  });
  const device = await own.device(openPolicy);
  await connectRaw(own, device, { clientId: 'back' });

  own.broker.announceLost();

  const events = own.seen.map(({ payload }) => JSON.parse(payload.toString()));
  expect(events).toEqual([
    expect.objectContaining({ clientId: 'back', eventType: 'connected', versionNumber: 5 }),
    expect.objectContaining({
      clientId: 'gone',
      eventType: 'disconnected',
      versionNumber: 4,
      disconnectReason: 'SERVER_ERROR',
    }),
  ]);
  await own.broker.close();
});
