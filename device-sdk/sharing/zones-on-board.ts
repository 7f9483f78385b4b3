import * as z from 'zod/mini';
import type { ZoneSet } from '#shared/sharing/zones/zone.ts';
import type { SharingAnswer } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import type { Storage } from '../storage.ts';

const ring = z.array(z.tuple([z.number(), z.number()]));
const rule = z.object({
  vehicleTypeIds: z.exactOptional(z.array(z.string())),
  rideStartAllowed: z.boolean(),
  rideEndAllowed: z.boolean(),
  rideThroughAllowed: z.boolean(),
  maximumSpeedKph: z.exactOptional(z.number()),
  stationParking: z.exactOptional(z.boolean()),
});
const zone = z.object({
  zoneId: z.string(),
  name: z.string(),
  geometry: z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(ring)) }),
  start: z.exactOptional(z.number()),
  end: z.exactOptional(z.number()),
  rules: z.array(rule),
  noCoverage: z.exactOptional(z.boolean()),
  stationId: z.exactOptional(z.string()),
});
const zoneSet: z.ZodMiniType<ZoneSet> = z.object({
  systemId: z.string(),
  version: z.int().check(z.nonnegative()),
  zones: z.array(zone),
  globalRules: z.array(rule),
});

export const answerSchema: z.ZodMiniType<SharingAnswer> = z.object({
  kind: z.literal('zones'),
  requestId: z.string(),
  zones: zoneSet,
});

const document = 'sharing-zones';

/** The zones that the vehicle judges by where there is no network. */
export class ZonesOnBoard {
  private readonly storage: Storage;
  private kept: ZoneSet | undefined;

  constructor(storage: Storage) {
    this.storage = storage;
    this.kept = zoneSet.safeParse(storage.read(document)).data;
  }

  /** Undefined where it has none of this system. */
  of(systemId: string | undefined): ZoneSet | undefined {
    return this.kept?.systemId === systemId ? this.kept : undefined;
  }

  /** Durable once it returns. False: they are older than those on board, or of another system than it is in. */
  take(zones: ZoneSet, systemId: string | undefined): boolean {
    if (zones.systemId !== systemId || zones.version < (this.of(systemId)?.version ?? 0)) return false;
    this.storage.write(document, zones);
    this.kept = zones;
    return true;
  }
}
