import type { Instant } from '../../../kernel/clock.ts';
import { timeOf } from './texts.ts';

/** GBFS 3.0, `gbfs.json`, `name`. */
export type FeedName =
  | 'gbfs'
  | 'gbfs_versions'
  | 'system_information'
  | 'vehicle_types'
  | 'station_information'
  | 'station_status'
  | 'vehicle_status'
  | 'system_alerts'
  | 'system_pricing_plans'
  | 'geofencing_zones';

export interface FeedFile {
  readonly name: FeedName;
  readonly data: object;
  /** By which it is told from what it said before; absent: `data`. */
  readonly compared?: object;
}

export const gbfsVersion = '3.0';

/**
 * Seconds after which a reader may ask again, and for which caches keep a file. What stands where changes by the second; of
 * what an operator sets up nobody needs to hear within the minute.
 */
const livingTtl = 5;
const restingTtl = 60;

/** Says how the city is now: its `last_updated` is when that was known, and not when it last changed. */
export function isLive(name: FeedName): boolean {
  return name === 'vehicle_status' || name === 'station_status';
}

export function ttlOf(name: FeedName | 'manifest'): number {
  return name !== 'manifest' && isLive(name) ? livingTtl : restingTtl;
}

/** GBFS 3.0, "Output Format". */
export function feedText(name: FeedName | 'manifest', data: object, updated: Instant): string {
  return JSON.stringify({ last_updated: timeOf(updated), ttl: ttlOf(name), version: gbfsVersion, data });
}
