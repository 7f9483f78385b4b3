import * as z from 'zod';
import type { Api } from './api.ts';

const operator = z.looseObject({ operatorId: z.string(), version: z.number() });
const system = z.looseObject({
  ...{ systemId: z.string(), operatorId: z.string(), market: z.string(), currency: z.string(), version: z.number() },
});
const plan = z.looseObject({ planId: z.string(), version: z.number() });
const zones = z.looseObject({
  version: z.number(),
  zones: z.array(z.looseObject({ zoneId: z.string() })),
  globalRules: z.array(z.looseObject({})),
});
const vehicle = z.looseObject({
  vehicleId: z.string(),
  vehicleTypeId: z.string(),
  label: z.string(),
  planId: z.string().optional(),
  speaks: z.string(),
});

/** What the platform has of a city. */
export interface PresentCity {
  readonly operator: z.infer<typeof operator> | undefined;
  readonly system: z.infer<typeof system> | undefined;
  readonly plans: readonly z.infer<typeof plan>[];
  readonly zones: z.infer<typeof zones> | undefined;
  readonly fleet: readonly z.infer<typeof vehicle>[];
}

/** @param operatorId where it is known; else the one that the system names */
export async function presentCity(api: Api, systemId: string, operatorId?: string): Promise<PresentCity> {
  const path = `/v1/sharing/systems/${systemId}`;
  const its = await api.find(path, system);
  const by = its?.operatorId ?? operatorId;
  const runs = by === undefined ? undefined : await api.find(`/v1/sharing/operators/${by}`, operator);
  if (its === undefined) return { operator: runs, system: its, plans: [], zones: undefined, fleet: [] };
  const [plans, drawn, fleet] = await Promise.all([
    all(api, `${path}/plans`, plan),
    api.find(`${path}/zones`, zones),
    all(api, `${path}/vehicles`, vehicle),
  ]);
  return { operator: runs, system: its, plans, zones: drawn, fleet };
}

async function all<T>(api: Api, path: string, item: z.ZodType<T>): Promise<readonly T[]> {
  const page = z.object({ items: z.array(item), nextCursor: z.string().optional() });
  const items: T[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const read: z.infer<typeof page> = await api.get(`${path}?limit=100${more}`, page);
    items.push(...read.items);
    cursor = read.nextCursor;
  }
  return items;
}
