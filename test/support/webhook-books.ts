import type { ApiClient } from '#local/tour/api-client.ts';
import { type Heard, isGenuine, type Receiver } from '#local/tour/receiver.ts';
import { at } from '#local/tour/telling.ts';
import { listOf } from './cell-books.ts';
import { acknowledged, idIn, type Told } from './patient-caller.ts';
import { unaudited } from './transfer-books.ts';

/** What a webhook is to be told of, as its client ordered it. */
interface Ordered {
  readonly path: string;
  readonly url: string;
  readonly brand: unknown;
  readonly types: readonly string[];
  readonly secrets: readonly string[];
  /** `type vehicleId` of what happened while it was switched on. */
  readonly events: ReadonlySet<string>;
  /** And while it was not. */
  readonly withheld: ReadonlySet<string>;
}

const statuses = ['waiting', 'delivered', 'dead'] as const;

/**
 * Each event that was acknowledged while a webhook was on was heard by its server, under one id, and is delivered; none
 * while it was off. Whatever was heard is genuine, was asked for and stands in one list; what the server took is
 * delivered, and what is delivered it took; nothing waits.
 *
 * @returns what is wrong, in words
 */
export async function delivered(told: readonly Told[], receivers: readonly Receiver[], operator: ApiClient) {
  const found: string[] = [];
  const all = ordered(told);
  for (const webhook of all) {
    const heard = receivers.find(({ url }) => url === webhook.url)?.heard ?? [];
    const lists = await listsOf(webhook, operator);
    found.push(...unlike(webhook, heard, lists));
  }
  if (all.length === 0) return found;
  const own = await listOf('/v1/webhooks?limit=100', operator);
  for (const { url } of all) {
    const there = own.filter((one) => at(one, 'url') === url).map((one) => at(one, 'webhookId'));
    if (there.length !== 1) found.push(`${url} was ordered once, and is that of ${there}`);
  }
  const paths = all.map(({ path }) => path);
  return [...found, ...(await unaudited(paths, operator))];
}

function ordered(told: readonly Told[]): readonly Ordered[] {
  const orders = told.filter((call) => call.method === 'POST' && call.path === '/v1/webhooks' && acknowledged(call));
  return orders.map((order) => {
    const path = `/v1/webhooks/${idIn(order, 'webhookId')}`;
    const types = at(order.body, 'types');
    const secrets = told
      .filter((call) => call === order || (call.path === `${path}/rotate-secret` && acknowledged(call)))
      .flatMap((call) => idIn(call, 'secretText') ?? []);
    const since = told.slice(told.indexOf(order) + 1).filter(acknowledged);
    return {
      ...{ path, url: String(at(order.body, 'url')), brand: at(order.body, 'brand'), secrets },
      types: Array.isArray(types) ? types.map(String) : [],
      ...eventsIn(since, path, at(order.body, 'brand')),
    };
  });
}

/** In the order in which callers were told. */
function eventsIn(since: readonly Told[], path: string, brand: unknown): Pick<Ordered, 'events' | 'withheld'> {
  const [events, withheld] = [new Set<string>(), new Set<string>()];
  const ofBrand = new Set<string>();
  let isOn = true;
  for (const call of since) {
    if (call.path === path && call.method === 'PATCH') isOn = at(call.body, 'enabled') !== false;
    if (call.method !== 'POST') continue;
    const [, retired] = /^\/v1\/vehicles\/([^/]+)\/retire$/.exec(call.path) ?? [];
    const registered = call.path === '/v1/vehicles' && at(call.body, 'brand') === brand ? idIn(call, 'vehicleId') : '';
    if (registered) ofBrand.add(registered);
    const place = isOn ? events : withheld;
    if (registered) place.add(`vehicle.registered ${registered}`);
    if (retired !== undefined && ofBrand.has(retired)) place.add(`vehicle.retired ${retired}`);
  }
  return { events, withheld };
}

/** By the id of the delivery, the lists in which it stands. */
async function listsOf({ path }: Ordered, operator: ApiClient): Promise<ReadonlyMap<string, readonly string[]>> {
  const lists = new Map<string, string[]>();
  for (const status of statuses) {
    const items = await listOf(`${path}/deliveries?status=${status}&limit=100`, operator);
    for (const id of items.map((item) => String(at(item, 'deliveryId')))) {
      lists.set(id, [...(lists.get(id) ?? []), status]);
    }
  }
  return lists;
}

function unlike(webhook: Ordered, heard: readonly Heard[], lists: ReadonlyMap<string, readonly string[]>): string[] {
  const found = heard.flatMap((message) => strange(webhook, message));
  const byId = new Map<string, Heard[]>();
  for (const message of heard) {
    const id = String(message.headers['webhook-id']);
    byId.set(id, [...(byId.get(id) ?? []), message]);
  }
  const ids = new Map<string, Set<string>>();
  for (const [id, messages] of byId) {
    const [first] = messages;
    if (messages.some(({ body }) => body !== first?.body)) found.push(`${id} did not say the same each time`);
    const event = eventOf(first);
    ids.set(event, (ids.get(event) ?? new Set()).add(id));
    if (!lists.has(id)) found.push(`${id} was heard, and stands in no list`);
  }
  for (const [event, under] of ids) if (under.size > 1) found.push(`${event} was told under ${[...under]}`);
  for (const event of webhook.withheld) if (ids.has(event)) found.push(`${event} was told to one who was switched off`);
  for (const event of webhook.events) if (!ids.has(event)) found.push(`${event} was never heard`);
  for (const [id, places] of lists) {
    const isTaken = byId.get(id)?.some(({ answered }) => answered === 204) === true;
    const wanted = isTaken ? 'delivered' : 'dead';
    const event = eventOf(byId.get(id)?.[0]);
    if (places.join() !== wanted) found.push(`${id} (${event}) should be ${wanted}, and is ${places}`);
    else if (webhook.events.has(event) && !isTaken) found.push(`${event} was given up`);
  }
  return found;
}

/** What is wrong with a message by itself. */
function strange({ brand, types, secrets }: Ordered, message: Heard): string[] {
  const found: string[] = [];
  const body: unknown = JSON.parse(message.body);
  if (!secrets.some((secret) => isGenuine(secret, message))) found.push(`not genuine: ${JSON.stringify(message)}`);
  if (!types.includes(String(at(body, 'type'))) || at(body, 'data', 'brand') !== brand)
    found.push(`not asked for: ${message.body}`);
  return found;
}

function eventOf(message: Heard | undefined): string {
  if (message === undefined) return 'nothing heard';
  const body: unknown = JSON.parse(message.body);
  return `${at(body, 'type')} ${at(body, 'data', 'vehicleId')}`;
}
