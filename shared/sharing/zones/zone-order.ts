import * as z from 'zod/mini';
import { line, moment, slug } from '../setup/text.ts';
import type { Zone, ZoneRule, ZoneSet } from './zone.ts';

const instant = z.int().check(z.gte(0));

const rule = z.strictObject({
  vehicleTypeIds: z.exactOptional(z.array(slug).check(z.minLength(1), z.maxLength(50))),
  rideStartAllowed: z.boolean(),
  rideEndAllowed: z.boolean(),
  rideThroughAllowed: z.boolean(),
  maximumSpeedKph: z.exactOptional(z.int().check(z.gte(1), z.lte(130))),
  stationParking: z.exactOptional(z.boolean()),
}) satisfies z.ZodMiniType<ZoneRule>;

const position = z.tuple([z.number(), z.number()]);

const zone = z.strictObject({
  zoneId: slug,
  name: line(80),
  geometry: z.strictObject({
    type: z.literal('MultiPolygon'),
    coordinates: z.array(z.array(z.array(position))),
  }),
  start: z.exactOptional(instant),
  end: z.exactOptional(instant),
  rules: z.array(rule).check(z.maxLength(20)),
  noCoverage: z.exactOptional(z.boolean()),
  stationId: z.exactOptional(slug),
}) satisfies z.ZodMiniType<Zone>;

/** What an operator says of a city's zones; how many and how large is judged apart, with a name of its own. */
export const zoneContent = z.strictObject({ zones: z.array(zone), globalRules: z.array(rule).check(z.maxLength(50)) });
export type ZoneContent = z.infer<typeof zoneContent>;

/** The same as people write it: with times that they can read. */
export const zoneOrder = z.strictObject({
  zones: z.array(z.strictObject({ ...zone.shape, start: z.exactOptional(moment), end: z.exactOptional(moment) })),
  globalRules: zoneContent.shape.globalRules,
});

/** Back again. */
export function zoneOrderOf({ zones, globalRules }: Pick<ZoneSet, 'zones' | 'globalRules'>): z.input<typeof zoneOrder> {
  const written = zoneContent.parse({ zones, globalRules });
  return {
    ...written,
    zones: written.zones.map(({ start, end, ...rest }) => ({
      ...rest,
      ...(start !== undefined && { start: new Date(start).toISOString().replace('.000Z', 'Z') }),
      ...(end !== undefined && { end: new Date(end).toISOString().replace('.000Z', 'Z') }),
    })),
  };
}

export function zoneContentOf({ zones, globalRules }: ZoneSet): ZoneContent {
  return zoneContent.parse({ zones, globalRules });
}
