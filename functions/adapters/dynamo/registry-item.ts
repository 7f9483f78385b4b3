import * as z from 'zod/mini';
import type { Brand } from '#shared/registry/brand.ts';
import { isBrand } from '#shared/registry/brand.ts';
import { type HomeName, isHomeName } from '#shared/registry/home.ts';
import { isMarket, type Market } from '#shared/registry/market.ts';
import type { Vehicle } from '#shared/registry/vehicle.ts';
import { isVehicleId, type VehicleId } from '#shared/registry/vehicle-id.ts';
import type { ErasedVehicle } from '#shared/registry/vehicle-repository.ts';
import type { Vin } from '#shared/registry/vin.ts';

/** The sort key of the vehicle itself, among what else the table keeps about it. */
export const vehicleKind = 'registry';

/** Followed by the name of a twin. @param epoch of the move */
export function wishCopies(epoch: number): string {
  return `move#${epoch}#`;
}

/** The one author of the Registry table's keys. */
export const registryKeys = {
  vehicle: (vehicleId: VehicleId) => ({ pk: `veh#${vehicleId}`, sk: vehicleKind }),
  presence: (vehicleId: VehicleId) => ({ pk: `veh#${vehicleId}`, sk: 'presence' }),
  inventory: (vehicleId: VehicleId) => ({ pk: `veh#${vehicleId}`, sk: 'inventory' }),
  /** What a move has copied stands among what vehicles report, and is erased with it. */
  wishCopy: (vehicleId: VehicleId, epoch: number, name: string) => ({
    pk: `veh#${vehicleId}`,
    sk: `${wishCopies(epoch)}${name}`,
  }),
  /** `erased` stands before what vehicles report of themselves, `registry` behind it. */
  firstReported: 'f',
  lastReported: 'q',
  erased: (vehicleId: VehicleId) => ({ pk: `veh#${vehicleId}`, sk: 'erased' }),
  vin: (vin: Vin) => ({ pk: `vin#${vin}`, sk: 'vin' }),
};

/** A brand's vehicles are spread over this many partitions of each index: 4,000 writes a second and brand. */
export const shardsPerBrand = 4;

export function brandShard(brand: Brand, shard: number): string {
  return `${brand}#${shard}`;
}

function shardOf(vehicleId: VehicleId): number {
  let hash = 0;
  for (const character of vehicleId) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % shardsPerBrand;
}

/** What free text becomes in a sort key, so that `#` separates and nothing else does. */
export function keyPart(text: string): string {
  return encodeURIComponent(text);
}

function modelKey({ model, market, vehicleId }: Pick<Vehicle, 'model' | 'market' | 'vehicleId'>): string {
  return `${keyPart(model)}#${market}#${vehicleId}`;
}

function softwareKey(softwareVersion: string, vehicleId: VehicleId): string {
  return `${keyPart(softwareVersion)}#${vehicleId}`;
}

export const vehicleIdValue = z.custom<VehicleId>((value) => typeof value === 'string' && isVehicleId(value));
export const brandValue = z.custom<Brand>((value) => typeof value === 'string' && isBrand(value));
export const marketValue = z.custom<Market>((value) => typeof value === 'string' && isMarket(value));
const homeNameValue = z.custom<HomeName>((value) => typeof value === 'string' && isHomeName(value));
export const homeValue = z.object({ name: homeNameValue, epoch: z.number() });
const hindrance = z.discriminatedUnion('reason', [
  z.object({ reason: z.enum(['called-back', 'timed-out', 'shut-out']) }),
  z.object({ reason: z.literal('refused'), code: z.string() }),
]);
const moveValue = z.discriminatedUnion('step', [
  z.object({
    step: z.enum(['asked', 'prepared', 'told']),
    ...{ to: homeValue, since: z.number(), deadline: z.number() },
  }),
  z.object({ step: z.literal('returning'), to: homeValue, since: z.number(), why: hindrance }),
  z.object({ step: z.enum(['arrived', 'settled', 'cleared']), from: homeValue, at: z.number() }),
]);
/** Where a vehicle is at home, and on its way to. */
export const vehicleHomeValue = z.object({
  ...homeValue.shape,
  move: z.exactOptional(moveValue),
  tried: z.exactOptional(z.number()),
  stayed: z.exactOptional(z.object({ to: homeNameValue, at: z.number(), why: hindrance })),
});
// Checked when it was registered. Only its form is looked at here: a rule that is tightened later must not hide a car.
const vinValue = z.custom<Vin>((value) => typeof value === 'string');

const certificate = z.object({ certificateId: z.string(), deviceKeySha256: z.string(), expiresAt: z.number() });
const next = z.exactOptional(z.object({ certificate, reservedAt: z.number(), replaced: z.array(z.string()) }));

export const lifeCycleValue = z.discriminatedUnion('status', [
  z.object({ status: z.literal('expected') }),
  z.object({ status: z.literal('provisioned'), certificate, reservedUntil: z.number() }),
  z.object({ status: z.literal('active'), certificate, next }),
  z.object({ status: z.literal('suspended'), certificate, next }),
  z.object({ status: z.literal('retired'), certificate: z.exactOptional(certificate), next }),
]);

const vehicleItem = z.object({
  vehicleId: vehicleIdValue,
  vin: vinValue,
  brand: brandValue,
  model: z.string(),
  market: marketValue,
  deviceKeySha256: z.exactOptional(z.string()),
  home: z.exactOptional(vehicleHomeValue),
  lifeCycle: lifeCycleValue,
  softwareVersion: z.exactOptional(z.string()),
  registeredAt: z.number(),
  updatedAt: z.number(),
  version: z.number(),
});

const erasedItem = z.object({ brand: brandValue, erasureId: z.string() });

export function erasedVehicleOf(item: unknown): ErasedVehicle {
  return erasedItem.parse(item);
}

export function vehicleOf(item: unknown): Vehicle {
  return vehicleItem.parse(item);
}

/** The vehicle with its keys; the index keys follow from what it is. */
export function itemOf(vehicle: Vehicle) {
  const { vehicleId, brand, softwareVersion } = vehicle;
  return {
    ...registryKeys.vehicle(vehicleId),
    ...vehicle,
    brandShard: brandShard(brand, shardOf(vehicleId)),
    modelKey: modelKey(vehicle),
    ...(softwareVersion !== undefined && { softwareKey: softwareKey(softwareVersion, vehicleId) }),
  };
}
