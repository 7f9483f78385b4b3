import type { ApiClient } from '#local/tour/api-client.ts';
import { at } from '#local/tour/telling.ts';
import { packageOfReservation } from '#shared/partners/package-id.ts';
import { isReservationId } from '#shared/sharing/sharing-id.ts';
import { listOf } from './cell-books.ts';
import { citiesIn, listAt, sum, type ToldCity, tripsOf, twice } from './city-books.ts';
import { acknowledged, type Told } from './patient-caller.ts';

const cents = (amount: unknown) => Math.round(Number(amount) * 100);
const over = new Set(['ENDED', 'SETTLED', 'EXPIRED', 'RELEASED', 'ROLLBACK', 'CANCELLED']);
const unused = new Set(['EXPIRED', 'RELEASED', 'ROLLBACK', 'CANCELLED']);
/** What an answer that was acknowledged makes final. */
const makes: Readonly<Record<string, string>> = {
  'release-package': 'RELEASED',
  'rollback-purchase': 'ROLLBACK',
  'cancel-package': 'CANCELLED',
  'confirm-payment': 'SETTLED',
};

/**
 * Each package that was acknowledged is there, of one offer, and is one use of the vehicle that it names; none is there of
 * which nobody was told. What is over holds nothing; the journal has the price of each trip once, and of nothing else, and
 * the account what of it was not paid.
 *
 * @param partner who books for its own customers
 * @returns what is wrong, in words
 */
export async function partnered(told: readonly Told[], operator: ApiClient, partner: ApiClient): Promise<string[]> {
  const found: string[] = [];
  for (const city of citiesIn(told)) {
    for (const systemId of city.systemIds) {
      const base = `/v1/tomp/${systemId}/`;
      const calls = told.filter((call) => call.method === 'POST' && call.path.startsWith(base) && acknowledged(call));
      if (processes(calls, 'search-offers').length === 0) continue;
      const packages = await packagesOf(base, partner);
      const trips = await tripsOf(city, operator);
      found.push(...purchases(calls, packages, trips));
      for (const one of packages) found.push(...standing(one, calls, trips));
      found.push(...(await money({ city, base, trips, told, packages }, operator, partner)));
      found.push(...(await freed(packages, trips, operator)));
    }
  }
  return found;
}

function processes(calls: readonly Told[], name: string): readonly Told[] {
  return calls.filter(({ path }) => path.endsWith(`/processes/${name}/execution`));
}

const idOf = (pack: unknown) => String(at(pack, 'properties', 'id'));
const statusOf = (pack: unknown) => String(at(pack, 'properties', 'status'));
const assetOf = (pack: unknown) => String(at(pack, 'properties', 'legs', 0, 'assets', 0));

function packageOf(trip: unknown): string {
  const reservationId = String(at(trip, 'reservationId'));
  return isReservationId(reservationId) ? packageOfReservation(reservationId) : '';
}

/** Page after page, by their links. */
async function packagesOf(base: string, partner: ApiClient): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  let path: unknown = `${base}collections/packages/items?limit=100`;
  while (typeof path === 'string') {
    const { body } = await partner.get(path);
    found.push(...listAt(body, 'packages'));
    path = at(
      listAt(body, 'links').find((link) => at(link, 'rel') === 'next'),
      'href',
    );
  }
  return found;
}

function purchases(calls: readonly Told[], packages: readonly unknown[], trips: readonly unknown[]): string[] {
  const bought = processes(calls, 'purchase-offers');
  const told = new Map(bought.map(({ body, answer }) => [String(at(body, 'inputs', 'offer')), idOf(answer)]));
  const ids = packages.map(idOf);
  const uses = trips.map(packageOf);
  const known = new Set(told.values());
  return [
    ...[...known].filter((id) => !ids.includes(id)).map((id) => `${id} was acknowledged, and is no package`),
    ...ids.filter((id) => !known.has(id)).map((id) => `${id} is a package that nobody was told of`),
    ...bought
      .filter(({ body, answer }) => told.get(String(at(body, 'inputs', 'offer'))) !== idOf(answer))
      .map(({ body }) => `the offer ${at(body, 'inputs', 'offer')} was bought twice`),
    ...twice(ids).map((id) => `${id} is there twice`),
    ...twice(uses).map((id) => `${id} is more than one trip`),
    ...twice(trips.map((trip) => at(trip, 'fence'))).map((fence) => `two trips are under the fence ${fence}`),
    ...uses.filter((id) => !ids.includes(id)).map((id) => `a trip is of ${id}, which is no package`),
  ];
}

/** What was agreed upon stays so, and the trip says the same. */
function standing(pack: unknown, calls: readonly Told[], trips: readonly unknown[]): string[] {
  const [id, status] = [idOf(pack), statusOf(pack)];
  const trip = trips.find((one) => packageOf(one) === id);
  const was = at(trip, 'status');
  const found: string[] = [];
  for (const [process, final] of Object.entries(makes)) {
    const isTold = processes(calls, process).some(({ answer }) => idOf(answer) === id);
    if (isTold && status !== final) found.push(`${id} was acknowledged as ${final}, and is ${status}`);
  }
  if (trip === undefined) return [...found, `${id} is ${status}, and no trip`];
  const names = new Set(calls.filter(({ answer }) => idOf(answer) === id).map(({ answer }) => assetOf(answer)));
  if ([...names].some((name) => name !== assetOf(pack)))
    found.push(`${id} was of ${[...names]}, and is of ${assetOf(pack)}`);
  if (unused.has(status) && (at(trip, 'startedAt') !== undefined || at(trip, 'total') !== undefined))
    found.push(`${id} is ${status}, and its trip was driven`);
  const isDriven = status === 'ENDED' || status === 'SETTLED';
  if (isDriven !== (was === 'ended' || was === 'to-review' || was === 'settled'))
    found.push(`${id} is ${status}, and its trip ${was}`);
  if (was === 'settled' && at(trip, 'payment', 'taken') !== at(trip, 'total'))
    found.push(`${id} costs ${at(trip, 'total')}, and ${at(trip, 'payment', 'taken')} were taken`);
  if (isDriven && at(trip, 'total') !== cents(at(pack, 'properties', 'price', 'amount')))
    found.push(`${id} costs ${at(pack, 'properties', 'price', 'amount')}, and its trip ${at(trip, 'total')}`);
  return found;
}

interface Books {
  readonly city: ToldCity;
  readonly base: string;
  readonly trips: readonly unknown[];
  readonly packages: readonly unknown[];
  readonly told: readonly Told[];
}

async function money(books: Books, operator: ApiClient, partner: ApiClient): Promise<string[]> {
  const { city, base, trips, packages, told } = books;
  const { body } = await partner.get(
    `${base}collections/payments/items?startTime=2000-01-01T00:00:00Z&endTime=2100-01-01T00:00:00Z&limit=100`,
  );
  const entries = listAt(body, 'features').map((feature) => at(feature, 'properties'));
  const named = entries.map((entry) => `${at(entry, 'id')} ${at(entry, 'category')} ${cents(at(entry, 'amount'))}`);
  const prices = trips
    .filter((trip) => at(trip, 'total') !== undefined)
    .map((trip) => `${packageOf(trip)} FARE ${at(trip, 'total')}`);
  const found = disagreement('the journal', named, 'the trips', prices);
  const accounts = `/v1/sharing/operators/${city.operatorId}/partners/`;
  const order = told.find(({ path, method }) => method === 'PATCH' && `${path}/partners/` === accounts);
  const clientId = at(order?.body, 'partners', 0, 'clientId');
  const { body: account } = await operator.get(`${accounts}${clientId}/account`);
  const [owed, aside] = ['owed', 'aside'].map((name) => Number(at(account, 'accounts', 0, name) ?? 0));
  const receipts = told.filter((call) => call.path === `${accounts}${clientId}/receipts` && acknowledged(call));
  const paid = new Map(receipts.map((call) => [at(call.body, 'receiptId'), at(call.body, 'amount')]));
  const left = cents(sum(entries.map((entry) => at(entry, 'amount')))) - sum([...paid.values()]);
  if (owed !== left) found.push(`the partner owes ${owed}, and should ${left}`);
  if (aside !== 0 && packages.every((pack) => over.has(statusOf(pack))))
    found.push(`${aside} are set aside for nothing`);
  const months = new Set(entries.map((entry) => String(at(entry, 'customFields', 'at')).slice(0, 7)));
  const theirs = await Promise.all(
    [...months].map((month) => listOf(`${accounts}${clientId}/account/EUR/entries?limit=100&month=${month}`, operator)),
  );
  const seen = theirs
    .flat()
    .map((entry) => `${at(entry, 'package')} ${String(at(entry, 'kind')).toUpperCase()} ${at(entry, 'amount')}`);
  return [...found, ...disagreement('the operator’s journal', seen, 'the partner’s', named)];
}

function disagreement(one: string, these: readonly string[], other: string, those: readonly string[]): string[] {
  const [here, there] = [these, those].map((list) => list.toSorted().join(', '));
  return here === there ? [] : [`${one}: ${here}; ${other}: ${there}`];
}

/** What is over holds no vehicle. */
async function freed(packages: readonly unknown[], trips: readonly unknown[], operator: ApiClient): Promise<string[]> {
  const found: string[] = [];
  const vehicles = new Map(trips.map((trip) => [packageOf(trip), String(at(trip, 'vehicleId'))]));
  for (const vehicleId of new Set(vehicles.values())) {
    const { body } = await operator.get(`/v1/sharing/vehicles/${vehicleId}`);
    const reservationId = at(body, 'use', 'reservationId');
    const holder = packages.find((pack) => reservationId !== undefined && packageOf(at(body, 'use')) === idOf(pack));
    if (holder !== undefined && over.has(statusOf(holder)))
      found.push(`${idOf(holder)} is ${statusOf(holder)}, and still has ${vehicleId}`);
    const others = packages.filter((pack) => pack !== holder && vehicles.get(idOf(pack)) === vehicleId);
    for (const pack of others.filter((one) => !over.has(statusOf(one))))
      found.push(`${idOf(pack)} is ${statusOf(pack)}, and does not have ${vehicleId}`);
  }
  return found;
}
