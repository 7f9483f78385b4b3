import * as z from 'zod/mini';
import { isVehicleId, type VehicleId } from '../../registry/vehicle-id.ts';
import { line, slug } from './text.ts';

const registeredVehicleId = z.custom<VehicleId>((value) => typeof value === 'string' && isVehicleId(value), {
  error: () => 'is no vehicle id',
});

/** A vehicle to be taken into service. Without `vehicleId` it gets one: it is none of the registry. */
export const fleetOrder = z.strictObject({
  vehicleId: z.exactOptional(registeredVehicleId),
  vehicleTypeId: slug,
  label: line(24),
  planId: z.exactOptional(slug),
});
export type FleetOrder = z.infer<typeof fleetOrder>;

/** `null` takes away: the plan of its own, or the key that it signs its log with. */
export const fleetChanges = z.strictObject({
  label: z.exactOptional(line(24)),
  planId: z.exactOptional(z.nullable(slug)),
  logKey: z.exactOptional(z.null()),
});
export type FleetChanges = z.infer<typeof fleetChanges>;

/** Where a vehicle is while nobody can hold it. */
export const awayReasons = ['maintenance', 'recovery', 'taken-away', 'decommissioned'] as const;
export type AwayReason = (typeof awayReasons)[number];
