import type { ApiClient } from '#local/tour/api-client.ts';
import { at, problem } from '#local/tour/telling.ts';
import { acknowledged, idIn, type Told } from './patient-caller.ts';

export interface Erased {
  readonly vehicles: ReadonlySet<string>;
  readonly persons: ReadonlySet<string>;
  readonly any: boolean;
}

/** Whose erasure was acknowledged. */
export function erased(told: readonly Told[]): Erased {
  const orders = told.filter((call) => call.method === 'POST' && acknowledged(call));
  const vehicles = orders.flatMap(({ path }) => /^\/v1\/vehicles\/([^/]+)\/erasure$/.exec(path)?.[1] ?? []);
  const persons = orders.flatMap(({ path, asker }) => (path === '/v1/me/erasure' ? (asker ?? []) : []));
  return { vehicles: new Set(vehicles), persons: new Set(persons), any: vehicles.length + persons.length > 0 };
}

/** Where the pseudonym of who was erased stays, as the proof says: what the law keeps, the mark, a day's answers. */
const keepsPseudonym: Readonly<Record<'vehicle' | 'person', readonly string[]>> = {
  vehicle: ['Audit', 'Tasks', 'Registry', 'Telemetry', 'AccessRecords'],
  person: ['Audit', 'Tasks'],
};

/**
 * What is there of those who were erased, in words: each has one erasure with its proof, and stands in no table.
 *
 * @param tables by name, all that is in them
 */
export async function remains(
  told: readonly Told[],
  operator: ApiClient,
  tables: Readonly<Record<string, string>>,
): Promise<string[]> {
  const { vehicles, persons } = erased(told);
  const found: string[] = await proofs(told, operator);
  for (const vehicleId of vehicles) {
    const gone = await operator.get(`/v1/vehicles/${vehicleId}`);
    if (problem(gone) !== 'vehicle-erased') found.push(`${vehicleId} was erased, and is answered ${gone.status}`);
    const orders = told.filter((call) => call.path === '/v1/vehicles' && idIn(call, 'vehicleId') === vehicleId);
    const vins = orders.map(({ body }) => String(at(body, 'vin')));
    for (const vin of new Set(vins)) found.push(...places(vin, tables, []));
    found.push(...places(vehicleId, tables, keepsPseudonym.vehicle));
  }
  for (const personId of persons) found.push(...places(personId, tables, keepsPseudonym.person));
  return found;
}

async function proofs(told: readonly Told[], operator: ApiClient): Promise<string[]> {
  const orders = told.filter((call) => call.path.endsWith('/erasure') && call.method === 'POST' && acknowledged(call));
  const ids = new Map(orders.map((call) => [idIn(call, 'erasureId'), call.path]));
  const found = [...new Set(ids.values())].filter(
    (path) => [...ids.values()].filter((other) => other === path).length > 1,
  );
  const lines = found.map((path) => `${path} began more than one erasure`);
  for (const erasureId of ids.keys()) {
    const { body } = await operator.get(`/v1/erasures/${erasureId}`);
    const status = at(body, 'status');
    if (status !== 'done' || at(body, 'proof', 'sha256') === undefined) lines.push(`erasure ${erasureId} is ${status}`);
  }
  return lines;
}

function places(name: string, tables: Readonly<Record<string, string>>, allowed: readonly string[]): string[] {
  const wrong = Object.entries(tables).filter(([table, text]) => !allowed.includes(table) && text.includes(name));
  return wrong.map(([table]) => `${name} was erased, and stands in ${table}`);
}
