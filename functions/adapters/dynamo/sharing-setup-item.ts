import * as z from 'zod/mini';
import { operatorIdValue as operatorId, systemIdValue as systemId } from '#shared/sharing/id-values.ts';
import type { PricingPlan } from '#shared/sharing/prices/plan.ts';
import { planContent } from '#shared/sharing/prices/plan-order.ts';
import type { FleetVehicle, Operator, SharingSystem } from '#shared/sharing/setup/system.ts';
import { operatorContent, systemContent, systemFixture } from '#shared/sharing/setup/system-order.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import type { ZoneSet } from '#shared/sharing/zones/zone.ts';
import { zoneContent } from '#shared/sharing/zones/zone-order.ts';
import { setupKeys } from './sharing-setup-keys.ts';

// Checked when it was written; the forms only ever grow wider.
const operatorItem = z.object({ ...operatorContent.shape, operatorId, version: z.number() });
const systemItem = z.object({
  ...systemContent.shape,
  ...systemFixture.shape,
  ...{ systemId, operatorId, version: z.number() },
});
const planItem = z.object({ ...planContent.shape, version: z.number() });
// As text: thousands of positions would each be a list of their own.
const zonesItem = z.object({ systemId, version: z.number(), content: z.string() });
const vehicleItem = z.object({
  ...{ vehicleId: z.string(), systemId, operatorId, vehicleTypeId: z.string(), label: z.string() },
  planId: z.exactOptional(z.string()),
  speaks: z.enum(['device', 'operator', 'partner']),
  partner: z.exactOptional(z.string()),
  assetId: z.exactOptional(z.string()),
  logKey: z.exactOptional(z.string()),
  version: z.number(),
});

export function operatorOf(item: unknown): Operator {
  return operatorItem.parse(item);
}

export function systemOf(item: unknown): SharingSystem {
  return systemItem.parse(item);
}

export function planOf(item: unknown): PricingPlan {
  return planItem.parse(item);
}

export function vehicleOf(item: unknown): FleetVehicle {
  return vehicleItem.parse(item);
}

export function zonesOf(item: unknown): ZoneSet {
  const { systemId: id, version, content } = zonesItem.parse(item);
  return { systemId: id, version, ...zoneContent.parse(JSON.parse(content)) };
}

export function zonesItemOf({ version, zones, globalRules }: ZoneSet, id: SystemId) {
  return { ...setupKeys.zones(id), systemId: id, version, content: JSON.stringify({ zones, globalRules }) };
}
