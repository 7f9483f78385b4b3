import { type HubSku, mostUnits } from '#functions/adapters/azure-iot-hub/campaign-load.ts';
import { isHomeName } from '#shared/registry/home.ts';
import type { Brand } from './settings.ts';

/** A device cloud beside AWS IoT in which vehicles are at home: an Azure IoT hub with its provisioning service. */
export interface HomeSettings {
  readonly name: string;
  /** The slugs of the brands whose vehicles are registered there. Of several homes of one brand each gets its share. */
  readonly brands: readonly string[];
  /** Its host name. */
  readonly hub: string;
  /** The id scope of the provisioning service. */
  readonly scope: string;
  /** In whose directory `clientId` is: by both the functions get their tokens. */
  readonly tenantId: string;
  readonly clientId: string;
  /** Of the hub, for those that look at it in the portal. */
  readonly resourceId?: string;
  /** How much the hub carries a day; each unit costs (docs/prices.md). */
  readonly sku: HubSku;
  readonly units: number;
}

const skus: readonly HubSku[] = ['S1', 'S2', 'S3'];

/** @param value as it stands in the context; `--context homes='[…]'` arrives as a string */
export function homes(value: unknown, brands: readonly Brand[]): readonly HomeSettings[] {
  const list: unknown = typeof value === 'string' && value !== '' ? JSON.parse(value) : (value ?? []);
  if (list === '') return [];
  if (!Array.isArray(list)) throw new Error('Context "homes" must be a list of homes');
  const parsed = list.map((each: unknown) => home(each, brands));
  for (const key of ['name', 'hub'] as const) {
    const second = parsed.find((each, at) => parsed.findIndex((other) => other[key] === each[key]) < at);
    if (second !== undefined) throw new Error(`Context "homes" has the ${key} ${second[key]} twice`);
  }
  return parsed;
}

function home(value: unknown, known: readonly Brand[]): HomeSettings {
  const member = (key: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  const text = (key: string, pattern: RegExp): string => {
    const said = member(key);
    if (typeof said === 'string' && pattern.test(said)) return said;
    throw new Error(`Context "homes.${key}" must match ${pattern.source}; it is ${JSON.stringify(said)}`);
  };
  const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  const name = text('name', /^[a-z0-9]+(-[a-z0-9]+)*$/);
  if (!isHomeName(name) || name === 'first') throw new Error(`Context "homes.name" is too long or taken: ${name}`);
  const brands: unknown = member('brands');
  if (!Array.isArray(brands)) throw new Error('Context "homes.brands" must be a list of slugs');
  const slugs = brands.map((slug: unknown) => {
    const brand = known.find((each) => each.slug === slug);
    if (brand === undefined)
      throw new Error(`Context "homes.brands" names no brand of the platform: ${JSON.stringify(slug)}`);
    return brand.slug;
  });
  if (new Set(slugs).size < slugs.length) throw new Error(`Context "homes.brands" of ${name} names a brand twice`);
  const resourceId = member('resourceId');
  return {
    ...{ name, brands: slugs },
    hub: text('hub', /^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]\.azure-devices\.(net|cn|us)$/),
    scope: text('scope', /^0ne[0-9A-F]{8}$/),
    tenantId: text('tenantId', guid),
    clientId: text('clientId', guid),
    ...(resourceId !== undefined && { resourceId: text('resourceId', /^\/subscriptions\/[^\s"]+$/) }),
    ...size(member('sku') ?? 'S1', member('units') ?? 1),
  };
}

function size(said: unknown, units: unknown): Pick<HomeSettings, 'sku' | 'units'> {
  const sku = skus.find((each) => each === said);
  if (sku === undefined) throw new Error(`Context "homes.sku" must be S1, S2 or S3; it is ${JSON.stringify(said)}`);
  const most = mostUnits[sku];
  if (typeof units === 'number' && Number.isInteger(units) && units >= 1 && units <= most) return { sku, units };
  throw new Error(`Context "homes.units" must be 1 to ${most}; it is ${JSON.stringify(units)}`);
}
