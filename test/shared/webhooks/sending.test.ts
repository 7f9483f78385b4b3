import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mostAttempts } from '#shared/webhooks/delivery.ts';
import type { CallOutcome } from '#shared/webhooks/verdict.ts';
import { disabled, rotated, type Webhook } from '#shared/webhooks/webhook.ts';
import { webhookRepositoriesContract } from '../../contract/webhook-repositories.ts';
import { MemoryDeliveries, MemoryWebhooks } from '../../support/memory-webhooks.ts';
import { ok, WebhookWorld } from '../../support/webhook-world.ts';

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const timeout: CallOutcome = { kind: 'failed', reason: 'receiver-timeout' };
const error: CallOutcome = { kind: 'answered', status: 500, isPage: false };

describe('the books of these tests', () =>
  webhookRepositoriesContract(async () => [new MemoryWebhooks(), new MemoryDeliveries()]));

async function has(world: WebhookWorld, { clientId, webhookId }: Webhook): Promise<Webhook> {
  const found = await world.webhooks.load({ clientId, webhookId });
  if (found === undefined) throw new Error('The webhook is gone');
  return found;
}

const statuses = (world: WebhookWorld) => world.deliveries.all().map(({ state }) => state.status);

test('an event is told once to each who listens and may, and to nobody else', async () => {
  const world = new WebhookWorld();
  await world.subscribe('partner', 'a');
  await world.subscribe('other', 'b');
  await world.subscribe('stranger', 'c');
  await world.happens('e-1');
  await world.happens('e-1');
  await world.passes(minute);
  expect(world.calls.map(({ url }) => url).sort()).toEqual([
    'https://other.example.com/',
    'https://partner.example.com/',
  ]);
  expect(JSON.parse(world.calls[0]?.body ?? '')).toEqual({
    ...{ type: 'vehicle.retired', timestamp: '2026-09-21T14:13:20.000Z' },
    data: { vehicleId: 'veh-x', brand: 'audi', model: 'e-tron', market: 'DE', status: 'retired' },
  });
});

test('what failed is sent again with the same id and body, and another time in its signature', async () => {
  const world = new WebhookWorld();
  await world.subscribe();
  world.receiver = () => (world.calls.length < 3 ? timeout : ok);
  await world.happens('e-1');
  await world.passes(10 * minute);
  expect(statuses(world)).toEqual(['delivered']);
  expect(world.calls).toHaveLength(3);
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    expect(new Set(world.calls.map(({ headers }) => headers[name])).size).toBe(name === 'webhook-id' ? 1 : 3);
  }
  expect(new Set(world.calls.map(({ body }) => body)).size).toBe(1);
});

test('a receiver that fails rests: events cost it a probe now and then, and all follow when it is back', async () => {
  const world = new WebhookWorld();
  const webhook = await world.subscribe();
  world.receiver = () => error;
  for (let event = 0; event < 300; event += 1) {
    await world.happens(`e-${event}`);
    await world.passes(minute / 2);
  }
  expect((await has(world, webhook)).health.rest?.probes).toBeGreaterThanOrEqual(4);
  expect(world.calls.length).toBeLessThan(30);
  const before = world.calls.length;
  world.receiver = () => ok;
  await world.passes(2 * hour);
  expect(new Set(statuses(world))).toEqual(new Set(['delivered']));
  expect(world.calls.length - before).toBeLessThanOrEqual(310);
  expect((await has(world, webhook)).health).toEqual({ failures: 0 });
});

test('a receiver that never comes back is given up: its events after 28 hours at most, itself after five days', async () => {
  const world = new WebhookWorld();
  const webhook = await world.subscribe();
  world.receiver = () => timeout;
  for (let event = 0; event < 20; event += 1) {
    await world.happens(`e-${event}`);
    await world.passes(hour);
  }
  await world.passes(30 * hour);
  expect(new Set(statuses(world))).toEqual(new Set(['dead']));
  for (let event = 0; event < 24; event += 1) {
    await world.happens(`later-${event}`);
    await world.passes(6 * hour);
  }
  expect((await has(world, webhook)).state).toMatchObject({ status: 'disabled', reason: 'unreachable' });
  expect(new Set(statuses(world))).toEqual(new Set(['dead']));
  expect(world.calls.length).toBeLessThan(2 * mostAttempts + 8 * 24);
  expect(world.waitingMessages).toBe(0);
  const calls = world.calls.length;
  await world.happens('after');
  await world.passes(day);
  expect(world.calls).toHaveLength(calls);
});

test('wherever a function dies, what waits for a receiver that rests costs no more messages than its probes', async () => {
  const messages = async (death: number) => {
    const world = new WebhookWorld();
    world.receiver = () => error;
    let writes = 0;
    world.dies = () => ++writes === death;
    await world.subscribe();
    for (const event of ['e-1', 'e-2', 'e-3']) await world.happens(event);
    await world.passes(hour);
    const worked = await world.passes(8 * hour);
    world.receiver = () => ok;
    await world.passes(2 * hour);
    expect(new Set(statuses(world)), `death ${death}`).toEqual(new Set(['delivered']));
    return { worked, writes };
  };
  const { worked, writes } = await messages(0);
  for (let death = 1; death <= writes; death += 1) {
    expect((await messages(death)).worked, `death ${death}`).toBeLessThanOrEqual(2 * worked);
  }
});

test('an event that its receiver never accepts dies alone: whatever else waits is told within two hours of it', async () => {
  const world = new WebhookWorld();
  const webhook = await world.subscribe();
  let refused: string | undefined;
  world.receiver = ({ headers }) => {
    refused ??= headers['webhook-id'];
    return headers['webhook-id'] === refused ? error : ok;
  };
  await world.happens('e-refused');
  await world.passes(hour);
  expect((await has(world, webhook)).health.rest).toBeDefined();
  // One before each probe, and then hardly any.
  for (let event = 0; event < 12; event += 1) {
    await world.happens(`e-${event}`);
    await world.passes(event < 6 ? 70 * minute : 5 * hour);
  }
  const lasting = world.deliveries.all().filter(({ deliveryId }) => deliveryId !== refused);
  expect(lasting).toHaveLength(12);
  for (const { event, state } of lasting) {
    expect(state.status).toBe('delivered');
    expect(state.status === 'delivered' && state.at - event.at).toBeLessThan(2 * hour);
  }
  const alone = world.deliveries.all().find(({ deliveryId }) => deliveryId === refused);
  expect(alone?.state.status).toBe('dead');
  expect((await has(world, webhook)).state.status).toBe('active');
});

test('410 ends the subscription at once, and what waited with it', async () => {
  const world = new WebhookWorld();
  const webhook = await world.subscribe();
  world.receiver = () => error;
  for (let event = 0; event < 9; event += 1) await world.happens(`e-${event}`);
  await world.passes(20_000);
  world.receiver = () => ({ kind: 'answered', status: 410, isPage: false });
  const before = world.calls.length;
  await world.passes(hour);
  expect(world.calls.length - before).toBe(1);
  expect((await has(world, webhook)).state).toMatchObject({ status: 'disabled', reason: 'gone' });
  expect(new Set(statuses(world))).toEqual(new Set(['dead']));
});

test('a receiver that fails slows nobody else: its first attempts go by the other road', async () => {
  const world = new WebhookWorld();
  await world.subscribe('broken', 'a');
  await world.subscribe('healthy', 'b');
  world.receiver = ({ url }) => (url.includes('broken') ? timeout : ok);
  await world.happens('e-1');
  await world.passes(1);
  await world.happens('e-2');
  const due = world.now;
  await world.passes(0);
  expect(world.calls.filter(({ url }) => url.includes('healthy')).map(({ at }) => at)).toEqual([due - 1, due]);
  expect(world.calls.filter(({ at }) => at === due - 1)).toHaveLength(2);
});

test('a secret that is rotated in the middle signs the very next attempt, beside the former one', async () => {
  const world = new WebhookWorld();
  const webhook = await world.subscribe();
  world.receiver = () => (world.calls.length < 2 ? timeout : ok);
  await world.happens('e-1');
  await world.passes(0);
  const seen = await has(world, webhook);
  await world.webhooks.save({ ...rotated(seen, 'o-1', world.now), version: seen.version + 1 }, seen);
  await world.passes(minute);
  expect(world.calls.map(({ headers }) => headers['webhook-signature']?.split(' ').length)).toEqual([1, 2]);
});

test('what happened before a webhook was switched off, and was still on its way, is given up and can be replayed', async () => {
  const world = new WebhookWorld();
  const webhook = await world.subscribe();
  await world.happens('e-1');
  world.now += 1;
  await world.webhooks.save({ ...disabled(webhook, 'asked', world.now), version: webhook.version + 1 }, webhook);
  await world.passes(minute);
  expect(world.deliveries.all()[0]?.state).toMatchObject({ status: 'dead', reason: 'webhook-disabled' });
  expect(world.calls).toHaveLength(0);
});

test('what waits for a webhook that is switched off is given up', async () => {
  const world = new WebhookWorld();
  const webhook = await world.subscribe();
  world.receiver = () => timeout;
  await world.happens('e-1');
  await world.passes(0);
  const seen = await has(world, webhook);
  await world.webhooks.save({ ...disabled(seen, 'asked', world.now), version: seen.version + 1 }, seen);
  await world.passes(minute);
  expect(world.deliveries.all()[0]?.state).toMatchObject({ status: 'dead', reason: 'webhook-disabled' });
  expect(world.calls).toHaveLength(1);
});

test('whatever comes twice, dies on its way or fails for hours: no event is lost, none is called for ever', async () => {
  const outage = fc.record({ from: fc.nat(10 * hour), lasts: fc.nat(8 * hour) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(outage, { maxLength: 3 }),
      fc.array(fc.nat(2 * hour), { minLength: 1, maxLength: 12 }),
      fc.infiniteStream(fc.nat(99)),
      async (outages, pauses, chance) => {
        const world = new WebhookWorld();
        const luck = () => chance.next().value ?? 50;
        const begun = world.now;
        const isOut = (at: number) =>
          outages.some(({ from, lasts }) => at >= begun + from && at < begun + from + lasts);
        const [taken, refused] = [new Set<string>(), new Set<string>()];
        const webhook = await world.subscribe();
        world.copies = () => (luck() < 1 ? 2 : 1);
        world.dies = () => luck() < 4;
        world.draw = () => luck() / 100;
        world.receiver = ({ at, headers }) => {
          const deliveryId = headers['webhook-id'] ?? '';
          if (isOut(at)) return timeout;
          const isTaken = luck() >= 3;
          (isTaken ? taken : refused).add(deliveryId);
          return isTaken ? ok : timeout;
        };
        for (const [event, pause] of pauses.entries()) {
          await world.happens(`e-${event}`);
          await world.passes(pause);
        }
        world.dies = () => false;
        world.copies = () => 1;
        await world.passes(40 * hour);
        const all = world.deliveries.all();
        expect(all).toHaveLength(pauses.length);
        for (const { deliveryId, state } of all) {
          expect(state.status, JSON.stringify(state)).not.toBe('waiting');
          if (state.status === 'delivered') expect(taken).toContain(deliveryId);
        }
        // An outage of a night alone kills nothing.
        const lost = all.filter(({ deliveryId, state }) => state.status === 'dead' && !refused.has(deliveryId));
        if (outages.length <= 1) expect(lost).toEqual([]);
        expect(world.waitingMessages).toBe(0);
        expect(world.calls.length).toBeLessThan(60 + pauses.length * mostAttempts * 3);
        expect((await has(world, webhook)).health.rest).toBeUndefined();
      },
    ),
    { numRuns: 100 },
  );
});
