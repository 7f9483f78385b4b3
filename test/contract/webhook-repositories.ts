import { expect, test } from 'vitest';
import { isBrand } from '#shared/registry/brand.ts';
import { isOperatorId } from '#shared/sharing/sharing-id.ts';
import { afterCall, dead, newDelivery, replayed } from '#shared/webhooks/delivery.ts';
import type { DeliveryRepository, WebhookRepository } from '#shared/webhooks/ports.ts';
import { disabled, enabled, newWebhook, rotated, type WebhookOrder } from '#shared/webhooks/webhook.ts';
import { deliveryIdOf, webhookIdOf } from '#shared/webhooks/webhook-id.ts';
import { anOperationId } from './samples.ts';

const now = 1_790_000_000_000;
const [operatorId, brand] = ['we-share', 'audi'];
if (!isOperatorId(operatorId) || !isBrand(brand)) throw new Error('no such names');
const order: WebhookOrder = {
  ...{ url: 'https://partner.example.com/hook', types: ['sharing.vehicle.moved', 'vehicle.retired'] },
  ...{ operatorId, brand, description: 'Ours' },
};
const aWebhook = (clientId = 'partner') => newWebhook(webhookIdOf(anOperationId()), clientId, order, now);
const aDelivery = (webhookId: ReturnType<typeof webhookIdOf>, at = now) => {
  const event = { eventId: 'e', type: 'vehicle.retired', at, data: { vehicleId: 'veh-x', version: 7 } } as const;
  return newDelivery(deliveryIdOf(at, Buffer.from(anOperationId())), webhookId, event, now);
};

type Books = readonly [webhooks: WebhookRepository, deliveries: DeliveryRepository];

export function webhookRepositoriesContract(books: () => Promise<Books>) {
  test('a webhook is found by its client alone, and by the events it listens to', async () => {
    const [webhooks] = await books();
    const webhook = aWebhook();
    expect(await webhooks.save(webhook, undefined)).toBe(true);
    expect(await webhooks.save(webhook, undefined)).toBe(false);
    expect(await webhooks.load(webhook)).toEqual(webhook);
    expect(await webhooks.load({ ...webhook, clientId: 'other' })).toBeUndefined();
    const { clientId, webhookId } = webhook;
    const page = { limit: 10 };
    expect(await webhooks.of('partner', page)).toEqual({ items: [webhook] });
    expect(await webhooks.of('other', page)).toEqual({ items: [] });
    expect((await webhooks.listeners('vehicle.retired', 'audi', page)).items).toEqual([{ clientId, webhookId }]);
    expect((await webhooks.listeners('sharing.vehicle.moved', 'we-share', page)).items).toHaveLength(1);
    for (const [type, subject] of [
      ['vehicle.retired', 'we-share'],
      ['vehicle.registered', 'audi'],
    ] as const) {
      expect((await webhooks.listeners(type, subject, page)).items).toEqual([]);
    }
  });

  test('of two changes at once one is written; what is disabled or removed listens to nothing', async () => {
    const [webhooks] = await books();
    const first = aWebhook();
    await webhooks.save(first, undefined);
    const listening = async () => (await webhooks.listeners('vehicle.retired', 'audi', { limit: 9 })).items.length;
    const second = { ...rotated(first, 'o-1', now), version: 2 };
    const saved = await Promise.all([second, { ...second }].map((next) => webhooks.save(next, first)));
    expect(saved.filter(Boolean)).toHaveLength(1);
    expect(await webhooks.load(first)).toEqual(second);
    const third = { ...disabled(second, 'gone', now), version: 3 };
    expect(await webhooks.save(third, second)).toBe(true);
    expect(await listening()).toBe(0);
    const fourth = { ...enabled(third), version: 4 };
    expect(await webhooks.save(fourth, third)).toBe(true);
    expect(await listening()).toBe(1);
    expect(await webhooks.remove(third)).toBe(false);
    expect(await webhooks.remove(fourth)).toBe(true);
    expect([await webhooks.load(first), await listening()]).toEqual([undefined, 0]);
  });

  test('listeners come page by page, each once', async () => {
    const [webhooks] = await books();
    const all = Array.from({ length: 7 }, () => aWebhook());
    for (const one of all) await webhooks.save(one, undefined);
    const found: string[] = [];
    for (let from: string | undefined; ; ) {
      const page = { limit: 3, ...(from !== undefined && { from }) };
      const { items, next } = await webhooks.listeners('vehicle.retired', 'audi', page);
      found.push(...items.map(({ webhookId }) => webhookId));
      if (next === undefined) break;
      from = next;
    }
    expect(found.sort()).toEqual(all.map(({ webhookId }) => webhookId).sort());
  });

  test('a delivery moves from list to list, is never in two, and one of two writes at once wins', async () => {
    const [, deliveries] = await books();
    const { webhookId } = aWebhook();
    const first = aDelivery(webhookId);
    expect(await deliveries.save(first, undefined)).toBe(true);
    expect(await deliveries.load(webhookId, first.deliveryId)).toEqual(first);
    const second = afterCall(first, { kind: 'failed', reason: 'receiver-timeout', status: 500 }, now, 0);
    expect(await deliveries.save(second, first)).toBe(true);
    expect(await deliveries.save(dead(first, 'too-old', now), first)).toBe(false);
    const ends = [dead(second, 'too-old', now), afterCall(second, { kind: 'delivered', status: 200 }, now, 0)];
    const saved = await Promise.all(ends.map((end) => deliveries.save(end, second)));
    expect(saved.filter(Boolean)).toHaveLength(1);
    const end = ends[saved.indexOf(true)];
    expect(await deliveries.load(webhookId, first.deliveryId)).toEqual(end);
    const lists = await Promise.all(
      (['waiting', 'delivered', 'dead'] as const).map((status) => deliveries.of(webhookId, status, { limit: 9 })),
    );
    expect(lists.flatMap(({ items }) => items)).toEqual([end]);
    if (end === undefined) throw new Error('nothing was saved');
    const again = replayed(end, now + 5);
    expect(await deliveries.save(again, end)).toBe(true);
    expect(await deliveries.load(webhookId, first.deliveryId)).toEqual(again);
  });

  test('two copies of a first attempt that came to different ends leave one delivery, once it is tried again', async () => {
    const [, deliveries] = await books();
    const { webhookId } = aWebhook();
    const first = aDelivery(webhookId);
    const taken = afterCall(first, { kind: 'delivered', status: 200 }, now, 0);
    await deliveries.save(taken, undefined);
    await deliveries.save(afterCall(first, { kind: 'failed', reason: 'receiver-timeout' }, now, 0), undefined);
    const seen = await deliveries.load(webhookId, first.deliveryId);
    if (seen?.state.status === 'waiting') await deliveries.save(dead(seen, 'webhook-disabled', now), seen);
    const lists = await Promise.all(
      (['waiting', 'delivered', 'dead'] as const).map((status) => deliveries.of(webhookId, status, { limit: 9 })),
    );
    expect(lists.flatMap(({ items }) => items)).toHaveLength(1);
  });

  test('deliveries are listed by the time of their event, from either end, page by page', async () => {
    const [, deliveries] = await books();
    const { webhookId } = aWebhook();
    const all = [3, 1, 4, 2, 5].map((minute) => aDelivery(webhookId, now + minute * 60_000));
    for (const one of all) await deliveries.save(one, undefined);
    const oldest = await deliveries.of(webhookId, 'waiting', { limit: 2, oldestFirst: true });
    expect(oldest.items.map(({ event }) => (event.at - now) / 60_000)).toEqual([1, 2]);
    const from = oldest.next ?? '';
    const following = await deliveries.of(webhookId, 'waiting', { limit: 9, oldestFirst: true, from });
    expect(following.items.map(({ event }) => (event.at - now) / 60_000)).toEqual([3, 4, 5]);
    const newest = await deliveries.of(webhookId, 'waiting', { limit: 1 });
    expect(newest.items.map(({ event }) => (event.at - now) / 60_000)).toEqual([5]);
  });
}
