import { routes } from '#functions/api/routes.ts';
import type { ApiClient } from '#local/tour/api-client.ts';
import { at } from '#local/tour/telling.ts';
import { erased } from './erasure-books.ts';
import { acknowledged, idIn, type Told } from './patient-caller.ts';

const final = new Set(['succeeded', 'rejected', 'failed', 'expired']);

/**
 * Compares what callers were told with what stands in the books: what was acknowledged is there, what was refused
 * changed nothing, every command has one end, the audit knows each change, and the history makes the owner.
 *
 * @param endings how commands ended, by id: noted here, and compared with when it is asked again
 * @returns what is wrong, in words; nothing when all is well
 */
export async function discrepancies(told: readonly Told[], operator: ApiClient, endings: Map<string, string>) {
  const ids = new Set(
    told
      .filter((call) => call.method === 'POST' && call.path === '/v1/vehicles' && acknowledged(call))
      .map((call) => idIn(call, 'vehicleId') ?? ''),
  );
  const gone = erased(told).vehicles;
  const found: string[] = await registrations(told, operator, gone);
  for (const id of ids) {
    found.push(...(await audit(id, told, operator)));
    if (gone.has(id)) continue;
    const about = told.filter(({ path }) => path.startsWith(`/v1/vehicles/${id}/`));
    found.push(...(await commands(id, about, operator, endings)));
    found.push(...(await twins(about, operator)));
    found.push(...(await lifeCycle(id, about, operator)));
    found.push(...(await ownership(id, operator)));
  }
  return found;
}

async function registrations(told: readonly Told[], operator: ApiClient, gone: ReadonlySet<string>) {
  const calls = told.filter(({ method, path }) => method === 'POST' && path === '/v1/vehicles');
  const vins = new Map<string, Told | undefined>();
  for (const call of calls) {
    const vin = String(at(call.body, 'vin'));
    vins.set(vin, vins.get(vin) ?? (acknowledged(call) ? call : undefined));
  }
  const found: string[] = [];
  for (const [vin, call] of vins) {
    const { status, body } = await operator.get(`/v1/vehicles?vin=${vin}`);
    const isRefused = call === undefined;
    if (isRefused || gone.has(idIn(call, 'vehicleId') ?? '')) {
      const so = isRefused ? 'refused' : 'erased';
      if (status === 200 && at(body, 'items', 0) !== undefined) found.push(`${vin} was ${so}, and is registered`);
      continue;
    }
    const model = at(body, 'items', 0, 'model');
    if (at(body, 'items', 0, 'vehicleId') !== idIn(call, 'vehicleId') || at(body, 'items', 1) !== undefined) {
      found.push(`${vin} was registered as ${idIn(call, 'vehicleId')}, and is ${JSON.stringify(body)}`);
    }
    if (model !== at(call.body, 'model')) found.push(`${vin} has become a ${model}`);
  }
  return found;
}

async function commands(id: string, about: readonly Told[], operator: ApiClient, endings: Map<string, string>) {
  const calls = about.filter(({ method, path }) => method === 'POST' && path.endsWith('/commands'));
  if (calls.length === 0) return [];
  const given = new Set(calls.filter(acknowledged).map((call) => idIn(call, 'commandId')));
  const listed = await listOf(`/v1/vehicles/${id}/commands?limit=100`, operator);
  const found: string[] = [];
  for (const commandId of given) {
    if (!listed.some((item) => at(item, 'commandId') === commandId))
      found.push(`command ${commandId} was acknowledged and is gone`);
  }
  const trail = await records(id, operator);
  for (const item of listed) {
    const [commandId, status] = [String(at(item, 'commandId')), String(at(item, 'status'))];
    if (!given.has(commandId)) found.push(`command ${commandId} was refused, and is there as ${status}`);
    if (!final.has(status)) found.push(`command ${commandId} is still ${status}`);
    else if ((endings.get(commandId) ?? status) !== status)
      found.push(`command ${commandId} ended twice: ${endings.get(commandId)}, ${status}`);
    else endings.set(commandId, status);
    const ends = trail.filter((record) => at(record, 'requestId') === commandId).map((record) => at(record, 'action'));
    if (ends.length !== 1 || ends[0] !== `command.${status}`)
      found.push(`command ${commandId} is ${status}, and the audit says ${ends}`);
  }
  return found;
}

async function twins(about: readonly Told[], operator: ApiClient): Promise<string[]> {
  const patches = about.filter(({ method, path }) => method === 'PATCH' && path.includes('/twins/'));
  const wanted = new Map<string, Record<string, unknown>>();
  for (const call of patches.filter(acknowledged)) {
    wanted.set(call.path, { ...wanted.get(call.path), ...Object(at(call.body, 'desired')) });
  }
  const found: string[] = [];
  for (const [path, desired] of wanted) {
    const { body } = await operator.get(path);
    const present = JSON.stringify(at(body, 'desired'));
    if (present !== JSON.stringify(desired))
      found.push(`${path} should be ${JSON.stringify(desired)}, and is ${present}`);
  }
  return found;
}

const becomes: Readonly<Record<string, string>> = { suspend: 'suspended', reactivate: 'active', retire: 'retired' };

async function lifeCycle(id: string, about: readonly Told[], operator: ApiClient): Promise<string[]> {
  const changes = about.filter(acknowledged).flatMap(({ path }) => becomes[path.split('/').at(-1) ?? ''] ?? []);
  const last = changes.at(-1);
  if (last === undefined) return [];
  const { body } = await operator.get(`/v1/vehicles/${id}`);
  const status = at(body, 'status');
  return status === last ? [] : [`${id} should be ${last}, and is ${status}`];
}

/** As many completed changes of each kind stand in the audit as were acknowledged, at least. */
async function audit(id: string, told: readonly Told[], operator: ApiClient): Promise<string[]> {
  const trail = await records(id, operator);
  const wanted = new Map<string, Set<string>>();
  for (const call of told.filter(acknowledged)) {
    const about = call.path.includes(id) || idIn(call, 'vehicleId') === id;
    const action = about ? actionOf(call) : undefined;
    if (action === undefined) continue;
    // A repeated answer was given once.
    const key = idIn(call, 'commandId') ?? String(wanted.get(action)?.size ?? 0);
    wanted.set(action, (wanted.get(action) ?? new Set()).add(key));
  }
  return [...wanted].flatMap(([action, calls]) => {
    const done = trail.filter((record) => at(record, 'action') === action && at(record, 'outcome') === 'done').length;
    return done >= calls.size ? [] : [`${id}: ${calls.size} × ${action} acknowledged, ${done} in the audit`];
  });
}

function actionOf({ method, path }: Told): string | undefined {
  const plain = path.replace(/\?.*/s, '');
  return routes.find(
    (route) => route.method === method && new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain),
  )?.audit;
}

async function ownership(id: string, operator: ApiClient): Promise<string[]> {
  const { body: history } = await operator.get(`/v1/vehicles/${id}/ownership/history`);
  const newest = at(history, 'items', 0);
  const { body } = await operator.get(`/v1/vehicles/${id}/ownership`);
  const owner = at(body, 'owned') === true ? at(body, 'personId') : undefined;
  const made = at(newest, 'to');
  return owner === made ? [] : [`${id} belongs to ${owner}, and its history says ${JSON.stringify(newest)}`];
}

async function records(id: string, operator: ApiClient): Promise<readonly unknown[]> {
  return listOf(`/v1/audit?vehicleId=${id}&limit=100`, operator);
}

export async function listOf(path: string, operator: ApiClient): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for await (const items of pagesOf(path, operator)) found.push(...items);
  return found;
}

/** For who need not read on once something is found. */
export async function* pagesOf(path: string, operator: ApiClient): AsyncGenerator<readonly unknown[]> {
  let cursor: unknown;
  do {
    const { body } = await operator.get(cursor === undefined ? path : `${path}&cursor=${cursor}`);
    const items = at(body, 'items');
    if (Array.isArray(items)) yield items;
    cursor = at(body, 'nextCursor');
  } while (cursor !== undefined);
}
