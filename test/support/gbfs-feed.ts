import { existsSync, readFileSync } from 'node:fs';
import { at } from '#local/tour/telling.ts';
import { schemaFaults } from './json-schema.ts';

const schemas = new URL('../../../shared/data/gbfs-3.0/', import.meta.url);
/** The official schemas lie beside the repository, or nowhere. */
export const hasSchemas = existsSync(schemas);

/** The documents of a system by the names that `gbfs.json` gives them. */
export type GbfsFeed = ReadonlyMap<string, unknown>;

/** Everything that contradicts the official schema of the file. */
export function officialFaults(name: string, document: unknown): readonly string[] {
  const schema: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, schemas), 'utf8'));
  return schemaFaults(schema, document).map((fault) => `${name}${fault}`);
}

/** As whoever reads them finds them: from the one address to all others. */
export async function readGbfs(address: string): Promise<GbfsFeed> {
  const discovery = await readJson(address);
  const feed = new Map<string, unknown>();
  for (const { name, url } of each(discovery, 'data', 'feeds')) feed.set(String(name), await readJson(String(url)));
  const manifest = at(feed.get('system_information'), 'data', 'manifest_url');
  return feed.set('manifest', await readJson(String(manifest)));
}

async function readJson(address: string): Promise<unknown> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

/** References to nothing, and names that stand twice. */
export function crossFaults(feed: GbfsFeed): readonly string[] {
  const [types, plans] = [ids(feed, 'vehicle_types', 'vehicle_type_id'), ids(feed, 'system_pricing_plans', 'plan_id')];
  const stations = ids(feed, 'station_information', 'station_id');
  const reported = ids(feed, 'station_status', 'station_id');
  const vehicles = each(feed.get('vehicle_status'), 'data', 'vehicles');
  const rules = [
    ...each(feed.get('geofencing_zones'), 'data', 'global_rules'),
    ...each(feed.get('geofencing_zones'), 'data', 'geofencing_zones', 'features').flatMap((feature) =>
      each(feature, 'properties', 'rules'),
    ),
  ];
  const named = each(feed.get('gbfs'), 'data', 'feeds').map(({ name }) => String(name));
  return [
    ...twice(types, 'vehicle type'),
    ...twice(plans, 'plan'),
    ...twice(stations, 'station'),
    ...twice(
      vehicles.map(({ vehicle_id }) => String(vehicle_id)),
      'vehicle',
    ),
    ...missing(vehicles, 'vehicle_type_id', types),
    ...missing(vehicles, 'pricing_plan_id', plans),
    ...missing(vehicles, 'station_id', stations),
    ...missing(each(feed.get('vehicle_types'), 'data', 'vehicle_types'), 'default_pricing_plan_id', plans),
    ...rules.flatMap((rule) => missing(listed(rule, 'vehicle_type_ids'), 'id', types)),
    ...each(feed.get('system_alerts'), 'data', 'alerts').flatMap((alert) =>
      missing(listed(alert, 'station_ids'), 'id', stations),
    ),
    ...(stations.toSorted().join() === reported.toSorted().join() ? [] : ['stations without a status, or the reverse']),
    ...stationCounts(feed),
    ...twice(named, 'feed'),
  ];
}

function stationCounts(feed: GbfsFeed): string[] {
  const vehicles = each(feed.get('vehicle_status'), 'data', 'vehicles');
  return each(feed.get('station_status'), 'data', 'stations').flatMap((station) => {
    const here = vehicles.filter(({ station_id }) => station_id === station['station_id']);
    const free = here.filter(({ is_reserved, is_disabled }) => is_reserved === false && is_disabled === false).length;
    const types = each(station, 'vehicle_types_available').reduce((sum, { count }) => sum + Number(count), 0);
    const said = station['num_vehicles_available'];
    return said === free && said === types ? [] : [`${station['station_id']}: ${said} said, ${free} there, ${types}`];
  });
}

function ids(feed: GbfsFeed, name: string, id: string): readonly string[] {
  const list = { vehicle_types: 'vehicle_types', system_pricing_plans: 'plans' }[name] ?? 'stations';
  return each(feed.get(name), 'data', list).map((one) => String(one[id]));
}

/** A list in a document; empty where there is none. */
export function each(document: unknown, ...path: readonly string[]): readonly Readonly<Record<string, unknown>>[] {
  const found = at(document, ...path);
  return Array.isArray(found) ? found : [];
}

function listed(document: unknown, name: string): readonly Readonly<Record<string, unknown>>[] {
  const found = at(document, name);
  return Array.isArray(found) ? found.map((id: unknown) => ({ id })) : [];
}

function twice(names: readonly string[], what: string): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${what} ${name} is there twice`);
}

function missing(
  from: readonly Readonly<Record<string, unknown>>[],
  member: string,
  known: readonly string[],
): string[] {
  return from.flatMap((one) => {
    const reference = one[member];
    return reference === undefined || known.includes(String(reference)) ? [] : [`${member} ${reference} is nowhere`];
  });
}
