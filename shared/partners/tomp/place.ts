import * as z from 'zod/mini';
import type { Place } from '../../sharing/zones/zone.ts';

/** `GPS:<longitude>,<latitude>` in degrees, as the specification's example of a search has it; GeoJSON's order. */
const gps = /^gps:(-?\d{1,3}(?:\.\d{1,15})?),(-?\d{1,2}(?:\.\d{1,15})?)$/i;

/** A place by coordinates. Places of other data sources are references that nobody here resolves. */
export const placeReference = z.string().check(
  z.maxLength(200),
  z.refine((text) => placeOf(text) !== undefined, 'is no place like GPS:13.4211,52.5004'),
);

export function placeOf(reference: string): Place | undefined {
  const [, longitude, latitude] = gps.exec(reference) ?? [];
  if (longitude === undefined || latitude === undefined) return undefined;
  const place = { longitude: Number(longitude), latitude: Number(latitude) };
  return Math.abs(place.longitude) <= 180 && Math.abs(place.latitude) <= 90 ? place : undefined;
}

export function referenceOf({ longitude, latitude }: Place): string {
  return `GPS:${longitude},${latitude}`;
}

/** GeoJSON: longitude first. */
export const point = z.object({ type: z.literal('Point'), coordinates: z.tuple([z.number(), z.number()]) });
export type Point = z.infer<typeof point>;

export function pointOf({ longitude, latitude }: Place): Point {
  return { type: 'Point', coordinates: [longitude, latitude] };
}
