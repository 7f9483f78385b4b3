import type { ApiClient } from '#local/tour/api-client.ts';
import { at } from '#local/tour/telling.ts';
import { listOf, pagesOf } from './cell-books.ts';
import { acknowledged, idIn, type Told } from './patient-caller.ts';

/** A line of a file by the names of its columns. */
type Line = Readonly<Record<string, string>>;

/**
 * Each import whose file was taken has its end, each of its lines is one vehicle as it was written or is named in the
 * report, and no line that is named there is one; each export has its end; the audit knows both.
 *
 * @returns what is wrong, in words
 */
export async function broughtIn(told: readonly Told[], operator: ApiClient): Promise<string[]> {
  const found: string[] = [];
  const taken = told.filter((call) => call.method === 'PUT' && acknowledged(call));
  const orders = told.filter((call) => call.method === 'POST' && acknowledged(call));
  const resources: string[] = [];
  for (const order of orders.filter(({ path }) => path === '/v1/imports')) {
    const path = `/v1/imports/${idIn(order, 'importId')}`;
    resources.push(path);
    const file = taken.find((call) => call.path === idIn(order, 'uploadUrl'))?.body;
    if (typeof file === 'string') found.push(...(await imported(path, file, operator)));
  }
  for (const order of orders.filter(({ path }) => path === '/v1/exports')) {
    const path = `/v1/exports/${idIn(order, 'exportId')}`;
    resources.push(path);
    const status = at((await operator.get(path)).body, 'status');
    if (status !== 'done') found.push(`${path} is ${status}`);
  }
  if (resources.length > 0) found.push(...(await unaudited(resources, operator)));
  return found;
}

async function imported(path: string, file: string, operator: ApiClient): Promise<string[]> {
  const { body } = await operator.get(path);
  if (at(body, 'status') !== 'done') return [`${path} is ${JSON.stringify(body)}`];
  const lines = linesOf(file);
  const counts = ['registered', 'unchanged', 'failed'].map((name) => Number(at(body, name)));
  const counted = counts.reduce((sum, count) => sum + count, 0);
  const found = counted === lines.size ? [] : [`${path} has ${lines.size} lines, and counts ${counts}`];
  const named = await namedIn(String(at(body, 'reportUrl')));
  const good = [...lines].filter(([number]) => !named.has(number)).map(([, line]) => line);
  const models = [...new Set([...lines.values()].map(({ model = '' }) => model))];
  const there = await Promise.all(
    models.map((model) => listOf(`/v1/vehicles?limit=100&model=${encodeURIComponent(model)}`, operator)),
  );
  const byVin = new Map<unknown, unknown[]>();
  for (const vehicle of there.flat()) {
    const vin = at(vehicle, 'vin');
    byVin.set(vin, [...(byVin.get(vin) ?? []), vehicle]);
  }
  for (const { vin = '', ...line } of good) {
    const [vehicle, another] = byVin.get(vin) ?? [];
    const isAsWritten = Object.entries(line).every(([name, text]) => at(vehicle, name) === text);
    if (vehicle === undefined || another !== undefined || !isAsWritten)
      found.push(`${path}: ${vin} should be one ${JSON.stringify(line)}, and is ${JSON.stringify(byVin.get(vin))}`);
  }
  const vins = new Set(good.map(({ vin }) => vin));
  for (const [number, { vin = '' }] of lines) {
    if (named.has(number) && !vins.has(vin) && byVin.has(vin)) found.push(`${path}: ${vin} was refused, and is there`);
  }
  return found;
}

/** By their numbers: the header is the first. */
function linesOf(file: string): ReadonlyMap<number, Line> {
  const [header = '', ...lines] = file.split('\r\n');
  const names = header.split(';');
  const numbered = lines.map((line, index) => [index + 2, line] as const).filter(([, line]) => line !== '');
  return new Map(
    numbered.map(([number, line]) => {
      const fields = line.split(';');
      return [number, Object.fromEntries(names.map((name, place) => [name, fields[place] ?? '']))];
    }),
  );
}

async function namedIn(reportUrl: string): Promise<ReadonlySet<number>> {
  const answer = await fetch(reportUrl);
  if (!answer.ok) throw new Error(`${reportUrl} is answered ${answer.status}`);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '');
  return new Set(lines.map((line) => Number(at(JSON.parse(line), 'line'))));
}

/** @param resources that callers made: of each the audit has to know */
export async function unaudited(resources: readonly string[], operator: ApiClient): Promise<string[]> {
  const missing = new Set<unknown>(resources);
  for await (const records of pagesOf('/v1/audit?limit=100', operator)) {
    for (const record of records) if (at(record, 'outcome') === 'done') missing.delete(at(record, 'resource'));
    if (missing.size === 0) break;
  }
  return [...missing].map((path) => `${path} is not in the audit`);
}
