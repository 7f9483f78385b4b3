import type { ApiClient } from '#local/tour/api-client.ts';
import { at } from '#local/tour/telling.ts';
import { listOf } from './cell-books.ts';
import { acknowledged, idIn, type Told } from './patient-caller.ts';

/** What an operator of a story was told that it has. */
export interface ToldCity {
  readonly operatorId: string;
  readonly systemIds: ReadonlySet<string>;
  readonly vehicleIds: ReadonlySet<string>;
}

const done = (told: readonly Told[], path: RegExp) =>
  told.filter((call) => call.method === 'POST' && acknowledged(call) && path.test(call.path));

/** The operators whose setting up was acknowledged. */
export function citiesIn(told: readonly Told[]): readonly ToldCity[] {
  const operators = new Set(done(told, /^\/v1\/sharing\/operators$/).map(({ body }) => String(at(body, 'operatorId'))));
  const systems = done(told, /^\/v1\/sharing\/systems$/).map(({ body }) => body);
  const fleet = done(told, /^\/v1\/sharing\/systems\/[^/]+\/vehicles$/);
  return [...operators].map((operatorId) => {
    const own = systems.filter((body) => at(body, 'operatorId') === operatorId);
    const systemIds = new Set(own.map((body) => String(at(body, 'systemId'))));
    const vehicles = fleet.filter(({ path }) => systemIds.has(path.split('/')[4] ?? ''));
    return { operatorId, systemIds, vehicleIds: new Set(vehicles.map((call) => String(idIn(call, 'vehicleId')))) };
  });
}

/** Everything that its vehicles were held and driven for. */
export async function tripsOf({ vehicleIds }: ToldCity, operator: ApiClient): Promise<readonly unknown[]> {
  const pages = [...vehicleIds].map((id) => listOf(`/v1/sharing/vehicles/${id}/trips?limit=100`, operator));
  return (await Promise.all(pages)).flat();
}

export function sum(amounts: readonly unknown[]): number {
  return amounts.reduce<number>((total, amount) => total + Number(amount), 0);
}

/** Of several, those that are there more than once. */
export function twice(names: readonly unknown[]): readonly unknown[] {
  return [...new Set(names.filter((name, place) => names.indexOf(name) !== place))];
}

/** A document's list of things; empty where it has none. */
export function listAt(document: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(document, ...path);
  return Array.isArray(found) ? found : [];
}
