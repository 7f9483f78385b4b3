import * as z from 'zod/mini';
import type { CitySetup, PublishedCity, PublishedVehicle } from '#shared/sharing/feeds/published-city.ts';
import { zoneContent } from '#shared/sharing/zones/zone-order.ts';
import { listedBookingValue, statusValue } from '../dynamo/listings.ts';
import { operatorOf, planOf, systemOf } from '../dynamo/sharing-setup-item.ts';

const vehicle = z.object({
  booking: listedBookingValue,
  planId: z.exactOptional(z.string()),
  status: z.exactOptional(statusValue),
  parked: z.exactOptional(statusValue),
});
const setup = z.object({
  operator: z.unknown(),
  system: z.unknown(),
  zones: z.exactOptional(z.object({ systemId: z.string(), version: z.number(), ...zoneContent.shape })),
  plans: z.array(z.unknown()),
});
const state = z.object({
  setup,
  vehicles: z.record(z.string(), vehicle),
  idKey: z.string(),
  files: z.record(z.string(), z.object({ digest: z.string(), since: z.number() })),
});

export function cityStateText({ setup: its, vehicles, idKey, files }: PublishedCity): string {
  const kept = [...vehicles].map(
    ([
      vehicleId,
      {
        booking: { planId, ...booking },
        ...rest
      },
    ]) => [vehicleId, { booking, ...(planId !== undefined && { planId }), ...rest } satisfies z.infer<typeof vehicle>],
  );
  return JSON.stringify({ setup: its, vehicles: Object.fromEntries(kept), idKey, files });
}

export function cityStateOf(text: string): PublishedCity {
  const { vehicles, setup: its, ...rest } = state.parse(JSON.parse(text));
  return {
    ...rest,
    setup: setupOf(its),
    vehicles: new Map(Object.entries(vehicles).map(([vehicleId, kept]) => [vehicleId, publishedVehicle(kept)])),
  };
}

function publishedVehicle({ booking, planId, ...rest }: z.infer<typeof vehicle>): PublishedVehicle {
  return { ...rest, booking: { ...booking, ...(planId !== undefined && { planId }) } };
}

function setupOf({ operator, system, zones, plans }: z.infer<typeof setup>): CitySetup {
  return {
    ...{ operator: operatorOf(operator), system: systemOf(system), plans: plans.map(planOf) },
    ...(zones !== undefined && { zones }),
  };
}
