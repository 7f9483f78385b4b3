import type { PricingPlan } from '#shared/sharing/prices/plan.ts';
import type { Listing } from '#shared/sharing/search/listing.ts';
import type { SharingSystem, VehicleType } from '#shared/sharing/setup/system.ts';
import { isOperatorId, isSystemId, type SystemId } from '#shared/sharing/sharing-id.ts';
import type { Place } from '#shared/sharing/zones/zone.ts';
import { aMarket } from '../../../contract/samples.ts';

export function systemIdOf(text: string): SystemId {
  if (!isSystemId(text)) throw new RangeError(text);
  return text;
}

export const alexanderplatz: Place = { latitude: 52.5219, longitude: 13.4132 };

const golf: VehicleType = {
  ...{ vehicleTypeId: 'e-golf', name: 'e-Golf', formFactor: 'car', propulsion: 'electric', seats: 5 },
  ...{ maxRangeMeters: 230_000, minimumAge: 21, licence: 'B', minimumCharge: 15, planId: 'standard' },
};
const bicycle: VehicleType = {
  ...{ vehicleTypeId: 'bike', name: 'Bicycle', formFactor: 'bicycle', propulsion: 'human', seats: 1 },
  ...{ minimumAge: 16, minimumCharge: 0, planId: 'cheap' },
};

export function planOf(planId: string, perMinute: number): PricingPlan {
  return {
    ...{ planId, version: 1, name: planId, currency: 'EUR', unlockFee: 0, perMinute, pausePerMinute: 9 },
    ...{ perKilometre: 0, includedKilometres: 0, hold: { freeMinutes: 15, perMinute: 0 }, packages: [] },
  };
}

export function aSystem(systemId: string, more: Partial<SharingSystem> = {}): SharingSystem {
  const operatorId = 'we-share';
  if (!isOperatorId(operatorId)) throw new RangeError(operatorId);
  return {
    ...{ systemId: systemIdOf(systemId), operatorId, name: 'Berlin', market: aMarket(), timeZone: 'Europe/Berlin' },
    ...{ currency: 'EUR', openingHours: '24/7', bounds: [13.0, 52.3, 13.8, 52.7] },
    ...{ holds: { minutes: 15, extensionMinutes: 10, extensions: 1 }, vehicleTypes: [golf, bicycle], version: 1 },
    ...more,
  };
}

export const plans = new Map([planOf('standard', 29), planOf('cheap', 5)].map((plan) => [plan.planId, plan]));

export function aListing(
  vehicleId: string,
  place: Place | undefined,
  { booking = {}, status = {} }: { booking?: Partial<Listing['booking']>; status?: Partial<Listing['status']> } = {},
): Listing {
  return {
    vehicleId,
    booking: {
      ...{ vehicleTypeId: 'e-golf', label: `B-${vehicleId}`, state: 'available', freeFrom: 0, version: 1 },
      ...booking,
    },
    status: { boot: 1, sequence: 1, at: 1, charge: 80, ...(place !== undefined && { place }), ...status },
  };
}
