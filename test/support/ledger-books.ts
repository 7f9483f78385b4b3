import type { ApiClient } from '#local/tour/api-client.ts';
import { at } from '#local/tour/telling.ts';
import { dayIn } from '#shared/sharing/setup/local-day.ts';
import { listOf } from './cell-books.ts';
import { citiesIn, listAt, sum, type ToldCity, tripsOf, twice } from './city-books.ts';
import { acknowledged, type Told } from './patient-caller.ts';

/** An operator's books as they stand, and what its callers were told. */
interface Ledger {
  readonly desk: string;
  readonly told: readonly Told[];
  readonly charges: readonly unknown[];
  readonly trips: readonly unknown[];
  readonly lines: readonly unknown[];
  readonly invoices: boolean;
}

/**
 * Each charge that was acknowledged is there once, with what was decided of it; each trip and each charge has one line in
 * the books, and one invoice, each refund one credit note; numbers run from 1 without a gap, and a month's sums agree with
 * what was taken and given back.
 *
 * @returns what is wrong, in words
 */
export async function accounted(told: readonly Told[], operator: ApiClient): Promise<string[]> {
  const found: string[] = [];
  for (const city of citiesIn(told)) {
    const desk = `/v1/sharing/operators/${city.operatorId}`;
    const charges = await listOf(`${desk}/charges?limit=100`, operator);
    const trips = await tripsOf(city, operator);
    const months = monthsOf([...trips, ...charges]);
    const pages = months.map((month) => listOf(`${desk}/accounts/${month}/lines?limit=100`, operator));
    const lines = (await Promise.all(pages)).flat();
    const invoices = hasInvoices(city, told);
    const ledger = { desk, told, charges, trips, lines, invoices };
    found.push(...charged(ledger), ...booked(ledger), ...(await documented(ledger, operator)));
    for (const month of months) {
      const { body } = await operator.get(`${desk}/accounts/${month}`);
      for (const currency of listAt(body, 'currencies'))
        for (const one of listAt(currency, 'differences')) found.push(`${desk} in ${month}: ${JSON.stringify(one)}`);
    }
  }
  return found;
}

function hasInvoices({ operatorId }: ToldCity, told: readonly Told[]): boolean {
  const orders = told.filter(
    ({ path, body }) => path === '/v1/sharing/operators' && at(body, 'operatorId') === operatorId,
  );
  return orders.some(({ body }) => at(body, 'invoicing') !== undefined);
}

/** From the first in which something happened to the last, by the clock of the city. */
function monthsOf(payables: readonly unknown[]): readonly string[] {
  const times = payables.flatMap((one) => [
    ...['heldAt', 'endedAt', 'madeAt'].map((name) => at(one, name)),
    ...[...listAt(one, 'receipts'), ...listAt(one, 'reductions')].map((movement) => at(movement, 'at')),
  ]);
  const known = times.filter((time) => typeof time === 'string').map((time) => Date.parse(time));
  return [...new Set(known.map((time) => dayIn('Europe/Berlin', time).slice(0, 7)))].toSorted();
}

const idOf = (charge: unknown) => String(at(charge, 'chargeId'));

/** What of a charge was acknowledged. */
function charged({ desk, told, charges }: Ledger): string[] {
  const calls = told
    .filter(({ method, path }) => method === 'POST' && path.startsWith(`${desk}/`))
    .filter(acknowledged);
  const made = new Map(
    calls.flatMap(({ path, body, answer }) => {
      const amount = Number(at(body, 'amount'));
      if (/\/(?:fines|charges)$/.test(path)) return [[idOf(answer), amount] as const];
      const charge = at(answer, 'verdict', 'charge');
      return charge === undefined ? [] : [[idOf(charge), Number(at(charge, 'amount'))] as const];
    }),
  );
  const ids = charges.map(idOf);
  return [
    ...[...made.keys()].filter((id) => !ids.includes(id)).map((id) => `${id} was acknowledged, and is no charge`),
    ...ids.filter((id) => !made.has(id)).map((id) => `${id} is a charge that nobody was told of`),
    ...twice(ids).map((id) => `${id} is there twice`),
    ...charges.flatMap((charge) => decided(charge, made.get(idOf(charge)), told)),
  ];
}

function decided(charge: unknown, ordered: number | undefined, told: readonly Told[]): string[] {
  const [id, found] = [idOf(charge), [] as string[]];
  const [amount, lines] = [Number(at(charge, 'amount')), listAt(charge, 'lines').map((line) => at(line, 'amount'))];
  if (sum(lines) !== amount || (ordered !== undefined && lines[0] !== ordered))
    found.push(`${id} is of ${ordered}, and costs ${lines.join(' + ')}, in all ${amount}`);
  const [taken, owed] = ['taken', 'owed'].map((name) => Number(at(charge, 'payment', name)));
  if (at(charge, 'payment', 'status') !== 'paid' || taken !== amount || owed !== 0)
    found.push(`${id} costs ${amount}, and ${taken} were taken`);
  const reductions = listAt(charge, 'reductions');
  for (const one of reductions.filter((reduction) => at(reduction, 'status') !== 'done'))
    found.push(`${id} has a reduction that is ${at(one, 'status')}`);
  const about = told
    .filter(acknowledged)
    .filter(({ method, path }) => method === 'POST' && path.includes(`/charges/${id}/`));
  const disputes = about.filter(({ path }) => path.endsWith('/dispute'));
  if (disputes.some(({ body }) => at(body, 'text') !== at(charge, 'dispute', 'text')))
    found.push(`${id} was disputed, and says ${JSON.stringify(at(charge, 'dispute'))}`);
  const decisions = about.filter(({ path }) => path.endsWith('/decision'));
  // The same decision again has the same key, and changes nothing.
  const off = new Map(decisions.map(({ body }) => [JSON.stringify(body), Number(at(body, 'amount') ?? 0)]));
  const less = sum(reductions.map((reduction) => at(reduction, 'amount')));
  if (less !== sum([...off.values()])) found.push(`${id} was to be ${[...off.values()]} less, and is ${less} less`);
  return found;
}

/** What there is to be booked, as `kind payable amount`. */
function movements({ trips, charges }: Ledger): readonly string[] {
  const prices = trips.filter((trip) => at(trip, 'status') === 'settled' && at(trip, 'total') !== undefined);
  return [
    ...prices.map((trip) => `billed ${at(trip, 'reservationId')} ${at(trip, 'total')}`),
    ...charges.map((charge) => `billed ${idOf(charge)} ${at(charge, 'amount')}`),
    ...charges.map((charge) => `collected ${idOf(charge)} ${at(charge, 'payment', 'taken')}`),
    ...charges.flatMap((charge) =>
      listAt(charge, 'reductions').map((one) => `${at(one, 'kind')} ${idOf(charge)} ${at(one, 'amount')}`),
    ),
  ];
}

function booked(ledger: Ledger): string[] {
  const lines = ledger.lines.map((line) => `${at(line, 'kind')} ${at(line, 'about')} ${at(line, 'amount')}`);
  const [here, there] = [lines, movements(ledger)].map((list) => list.toSorted().join(', '));
  return here === there ? [] : [`in the books of ${ledger.desk} stands ${here}, and happened ${there}`];
}

async function documented({ desk, told, lines, invoices }: Ledger, operator: ApiClient): Promise<string[]> {
  const wanted = lines.filter((line) => at(line, 'kind') !== 'collected' && at(line, 'partnerPays') !== true);
  const numbers = wanted.map((line) => at(line, 'document'));
  if (!invoices) return numbers.some((number) => number !== undefined) ? [`${desk} has invoices, and no issuer`] : [];
  const found = wanted
    .filter((line) => at(line, 'document') === undefined)
    .map((line) => `${at(line, 'about')} has no document`);
  if (found.length > 0) return found;
  found.push(...twice(numbers).map((number) => `${number} is of two`), ...gaps(numbers));
  const last = numbers.toSorted().at(-1);
  if (typeof last === 'string') {
    const next = last.replace(/\d{6}$/, (digits) => String(Number(digits) + 1).padStart(6, '0'));
    const beyond = await operator.get(`${desk}/invoices/${next}`);
    if (beyond.status !== 404) found.push(`${next} is in no line, and is answered ${beyond.status}`);
  }
  for (const line of wanted) found.push(...(await asBooked(desk, line, operator)));
  for (const { path, answer } of told.filter(acknowledged)) {
    const [, reservationId] = /\/trips\/([^/]+)\/invoice$/.exec(path) ?? [];
    const line = wanted.find((one) => at(one, 'about') === reservationId && at(one, 'kind') === 'billed');
    if (line !== undefined && at(answer, 'number') !== at(line, 'document'))
      found.push(`${reservationId} was told as ${at(answer, 'number')}, and is ${at(line, 'document')}`);
  }
  return found;
}

/** In each year from 1 to as many as there are. */
function gaps(numbers: readonly unknown[]): string[] {
  const years = new Map<string, number[]>();
  for (const number of numbers) {
    const [, year = '', sequence] = /-(\d{4})-(\d+)$/.exec(String(number)) ?? [];
    years.set(year, [...(years.get(year) ?? []), Number(sequence)]);
  }
  return [...years].flatMap(([year, sequences]) => {
    const isWhole = sequences.toSorted((one, other) => one - other).every((sequence, place) => sequence === place + 1);
    return isWhole ? [] : [`the numbers of ${year} are ${sequences}`];
  });
}

async function asBooked(desk: string, line: unknown, operator: ApiClient): Promise<string[]> {
  const number = at(line, 'document');
  const { body } = await operator.get(`${desk}/invoices/${number}`);
  const kind = at(line, 'kind') === 'billed' ? 'invoice' : 'credit-note';
  const [net, vat, gross] = ['net', 'vat', 'gross'].map((name) => Number(at(body, name)));
  const isSame = at(body, 'kind') === kind && at(body, 'about') === at(line, 'about') && gross === at(line, 'amount');
  return isSame && Number(net) + Number(vat) === gross
    ? []
    : [
        `${number} is of ${JSON.stringify(line)}, and says ${kind} of ${gross} = ${net} + ${vat} for ${at(body, 'about')}`,
      ];
}
