import { createHash } from 'node:crypto';
import type { ApiClient } from '#local/tour/api-client.ts';
import { at } from '#local/tour/telling.ts';
import { listOf } from './cell-books.ts';
import { citiesIn, listAt, type ToldCity, twice } from './city-books.ts';
import { acknowledged, idIn, type Told } from './patient-caller.ts';

/**
 * Each damage that was acknowledged is there once, with its photos and those of the uses before it as they were sent, and
 * with what was decided of it; nobody was told anything of another person.
 *
 * @returns what is wrong, in words
 */
export async function caredFor(told: readonly Told[], operator: ApiClient): Promise<string[]> {
  const found = strangers(told);
  for (const city of citiesIn(told)) found.push(...(await damages(city, told, operator)));
  return found;
}

async function damages(city: ToldCity, told: readonly Told[], operator: ApiClient): Promise<string[]> {
  const mine = `/v1/me/sharing/${city.operatorId}/reservations/`;
  const reports = told.filter(
    ({ method, path }) => method === 'POST' && path.startsWith(mine) && path.endsWith('/damages'),
  );
  const reported = new Map(reports.filter(acknowledged).map((call) => [String(idIn(call, 'damageId')), call]));
  if (reports.length === 0) return [];
  const lists = [...city.vehicleIds].map((id) => listOf(`/v1/sharing/vehicles/${id}/damages?limit=100`, operator));
  const ids = (await Promise.all(lists)).flat().map((damage) => String(at(damage, 'damageId')));
  const found = [
    ...[...reported.keys()].filter((id) => !ids.includes(id)).map((id) => `${id} was acknowledged, and is no damage`),
    ...ids.filter((id) => !reported.has(id)).map((id) => `${id} is a damage that nobody was told of`),
    ...twice(ids).map((id) => `${id} is there twice`),
  ];
  for (const [id, report] of reported) {
    const path = `/v1/sharing/operators/${city.operatorId}/damages/${id}`;
    const { body: file } = await operator.get(path);
    const decisions = told.filter((call) => call.path === `${path}/decision`).filter(acknowledged);
    const outcome = at(file, 'damage', 'verdict', 'outcome');
    if (decisions.some(({ body }) => at(body, 'outcome') !== outcome))
      found.push(`${id} was decided, and is ${outcome}`);
    found.push(...(await photos(file, report, told)));
  }
  return found;
}

/** Those that the report names, and those that were sent at the start and the end of the uses before it. */
async function photos(file: unknown, report: Told, told: readonly Told[]): Promise<string[]> {
  const shown = [
    ...listAt(file, 'photos'),
    ...listAt(file, 'uses').flatMap((use) => [...listAt(use, 'start'), ...listAt(use, 'end')]),
  ];
  const there = new Map(shown.map((photo) => [String(at(photo, 'photoId')), photo]));
  const sent = told.filter(({ path }) => /\/photos\/[^/]+\/complete$/.test(path)).filter(acknowledged);
  const uses = listAt(file, 'uses').map((use) => String(at(use, 'reservationId')));
  const before = sent.filter(
    ({ path, answer }) => uses.some((id) => path.includes(id)) && at(answer, 'moment') !== 'damage',
  );
  const wanted = [
    ...listAt(report.body, 'photoIds').map(String),
    ...before.map((call) => String(idIn(call, 'photoId'))),
  ];
  const found: string[] = [];
  for (const id of new Set(wanted)) {
    const url = at(there.get(id), 'link', 'url');
    const order = told.find((call) => call.path.endsWith('/photos') && idIn(call, 'photoId') === id);
    const sha256 = typeof url === 'string' ? await digestOf(url) : 'nothing';
    if (sha256 !== at(order?.body, 'sha256')) found.push(`the photo ${id} was acknowledged, and is ${sha256}`);
  }
  const kept = [...there.keys()].filter((id) => !wanted.includes(id));
  return [...found, ...kept.map((id) => `the photo ${id} is there, and nobody was told of it`)];
}

async function digestOf(url: string): Promise<string> {
  const answer = await fetch(url);
  if (!answer.ok) return `answered ${answer.status}`;
  return createHash('sha256')
    .update(new Uint8Array(await answer.arrayBuffer()))
    .digest('hex');
}

/** What was made for one person stands in no answer to another. */
function strangers(told: readonly Told[]): string[] {
  const personal = told.filter(({ path, asker }) => path.startsWith('/v1/me/sharing/') && asker !== undefined);
  const owners = new Map<string, string>();
  for (const call of personal.filter(({ method }) => method === 'POST').filter(acknowledged)) {
    for (const name of ['reservationId', 'photoId', 'chargeId', 'number']) {
      const id = idIn(call, name);
      if (id !== undefined && call.asker !== undefined) owners.set(id, call.asker);
    }
  }
  return [...owners].flatMap(([id, owner]) =>
    personal
      .filter(({ asker, answer }) => asker !== owner && JSON.stringify(answer ?? '').includes(id))
      .map(({ method, path }) => `${id} is of another person, and stands in the answer to ${method} ${path}`),
  );
}
