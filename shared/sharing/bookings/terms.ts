import type { Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { PricingPlan } from '../prices/plan.ts';
import { dayIn } from '../setup/local-day.ts';
import { isOpen } from '../setup/opening-hours.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { FleetVehicle, SharingSystem, VehicleType } from '../setup/system.ts';
import type { OperatorId } from '../sharing-id.ts';
import { vehicleUnknown } from './booking-refusals.ts';
import type { HoldClaim } from './hold.ts';

/** What a vehicle is had under: frozen at the hold. */
export interface Terms {
  readonly vehicle: FleetVehicle;
  readonly system: SharingSystem;
  readonly type: VehicleType;
  readonly plan: PricingPlan;
  readonly packageId?: string;
}

export interface Wish {
  readonly vehicleId: string;
  readonly packageId?: string;
  /** The business that pays; absent: the person. */
  readonly billTo?: string;
}

/** @throws Failure where there is no such vehicle of the operator, or no such package */
export async function termsOf(
  setup: Pick<SharingSetup, 'system' | 'plan' | 'fleetVehicle'>,
  operatorId: OperatorId,
  { vehicleId, packageId }: Wish,
): Promise<Terms> {
  const vehicle = await setup.fleetVehicle(vehicleId);
  if (vehicle === undefined || vehicle.operatorId !== operatorId) throw vehicleUnknown();
  const system = await setup.system(vehicle.systemId);
  const type = system?.vehicleTypes.find(({ vehicleTypeId }) => vehicleTypeId === vehicle.vehicleTypeId);
  const plan = type === undefined ? undefined : await setup.plan(vehicle.systemId, vehicle.planId ?? type.planId);
  if (system === undefined || type === undefined || plan === undefined) throw vehicleUnknown();
  if (packageId === undefined) return { vehicle, system, type, plan };
  if (!plan.packages.some((one) => one.packageId === packageId)) throw packageUnknown(plan);
  return { vehicle, system, type, plan, packageId };
}

/** @throws Failure `conflict` (`system-closed`) */
export function claimOf(
  { vehicle, system, type, plan, packageId }: Terms,
  { personId, request }: Pick<HoldClaim, 'personId' | 'request'>,
  now: Instant,
): HoldClaim {
  if (!isOpen(system, now)) throw systemClosed(system);
  const today = dayIn(system.timeZone, now);
  const { vehicleId, operatorId, systemId, vehicleTypeId } = vehicle;
  return {
    ...{ vehicleId, operatorId, systemId, vehicleTypeId, personId, request },
    ...{ heldAt: now, expiresAt: now + system.holds.minutes * 60_000, planId: plan.planId, planVersion: plan.version },
    ...{ today, ...(packageId !== undefined && { packageId }) },
    ...(type.licence !== undefined && { licence: type.licence }),
    ...(type.minimumAge > 0 && { bornBy: yearsBefore(today, type.minimumAge) }),
  };
}

/** Who was born on the 29th of February is a year older on the 1st of March, or a day before it: never too early. */
export function yearsBefore(day: string, years: number): string {
  return `${String(Number(day.slice(0, 4)) - years).padStart(4, '0')}${day.slice(4)}`;
}

function systemClosed({ name }: SharingSystem): Failure {
  return new Failure('conflict', 'system-closed', `${name} is closed at this time.`, {
    resolution: 'Come back within the opening hours. Who has a vehicle uses and returns it at any time.',
  });
}

function packageUnknown({ packages }: PricingPlan): Failure {
  const known = packages.map(({ packageId }) => packageId).join(', ');
  return new Failure('unacceptable', 'package-unknown', 'The vehicle’s plan has no such package.', {
    resolution: known === '' ? 'Leave it out: the plan has none.' : `Take one of ${known}, or none.`,
    errors: [{ pointer: '/packageId', detail: 'is no package of the plan' }],
  });
}
