import type { PricingPlan } from '../../prices/plan.ts';
import type { SharingSystem, VehicleType } from '../../setup/system.ts';
import type { ZoneSet } from '../../zones/zone.ts';
import type { CitySetup } from '../published-city.ts';
import type { FeedFile } from './feed-file.ts';
import { localized } from './texts.ts';

/** GBFS 3.0, `vehicle_types.json`. */
export function vehicleTypes({ system, zones, plans }: CitySetup): FeedFile {
  const types = system.vehicleTypes.map((type) => ({
    vehicle_type_id: type.vehicleTypeId,
    form_factor: type.formFactor,
    propulsion_type: type.propulsion,
    rider_capacity: type.seats,
    ...(type.maxRangeMeters !== undefined && { max_range_meters: type.maxRangeMeters }),
    name: localized(type.name, system),
    default_reserve_time: system.holds.minutes,
    return_constraint: returnConstraint(zones, type),
    // A new system's types come before its plans.
    ...(plans.some(({ planId }) => planId === type.planId) && {
      default_pricing_plan_id: type.planId,
      pricing_plan_ids: [type.planId],
    }),
  }));
  return { name: 'vehicle_types', data: { vehicle_types: types } };
}

function returnConstraint(zones: ZoneSet | undefined, { vehicleTypeId }: VehicleType): 'free_floating' | 'hybrid' {
  const rules = [...(zones?.zones ?? []).flatMap((zone) => zone.rules), ...(zones?.globalRules ?? [])];
  const asks = rules.some(
    ({ stationParking, vehicleTypeIds }) =>
      stationParking === true && (vehicleTypeIds?.includes(vehicleTypeId) ?? true),
  );
  return asks ? 'hybrid' : 'free_floating';
}

/** GBFS 3.0, `system_pricing_plans.json`. */
export function pricingPlans({ system, plans }: CitySetup): FeedFile {
  const data = plans.map((plan) => ({
    plan_id: plan.planId,
    name: localized(plan.name, system),
    currency: plan.currency,
    price: plan.unlockFee / 100,
    // Value added tax is in every price (`PricingPlan`).
    is_taxable: false,
    description: localized(descriptionOf(plan), system),
    per_min_pricing: [{ start: 0, rate: plan.perMinute / 100, interval: 1 }],
    ...(plan.perKilometre > 0 && {
      per_km_pricing: [{ start: plan.includedKilometres, rate: plan.perKilometre / 100, interval: 1 }],
    }),
    surge_pricing: false,
  }));
  return { name: 'system_pricing_plans', data: { plans: data } };
}

/** What the members of GBFS do not say stands here too, in figures that need no language. */
function descriptionOf(plan: PricingPlan): string {
  const money = (cents: number) => `${(cents / 100).toFixed(2)} ${plan.currency}`;
  const { unlockFee, perMinute, perKilometre, includedKilometres, pausePerMinute, dayCap, packages } = plan;
  const parts = [
    ...(unlockFee > 0 ? [`+ ${money(unlockFee)}`] : []),
    `${money(perMinute)}/min`,
    `pause ${money(pausePerMinute)}/min`,
    ...(perKilometre > 0 ? [`> ${includedKilometres} km: ${money(perKilometre)}/km`] : []),
    ...(dayCap === undefined ? [] : [`≤ ${money(dayCap)}/24 h`]),
    ...packages.map(({ name, price }) => `${name}: ${money(price)}`),
  ];
  return `${plan.name}: ${parts.join('; ')}`;
}

/** Metres that it goes at least: what it has said; else by its charge; else what a vehicle in service has. */
export function rangeOf(
  { maxRangeMeters, minimumCharge }: VehicleType,
  { rangeMeters, charge = minimumCharge }: { readonly rangeMeters?: number; readonly charge?: number },
): number | undefined {
  if (maxRangeMeters === undefined) return rangeMeters;
  return rangeMeters ?? Math.floor((maxRangeMeters * charge) / 100);
}

export function typeIn({ vehicleTypes: types }: SharingSystem, vehicleTypeId: string): VehicleType | undefined {
  return types.find((type) => type.vehicleTypeId === vehicleTypeId);
}
