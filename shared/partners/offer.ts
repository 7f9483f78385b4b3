import type { Instant } from '../kernel/clock.ts';
import { type BillTerms, billOf } from '../sharing/prices/bill.ts';
import type { FoundVehicle } from '../sharing/search/near.ts';
import type { SharingSystem } from '../sharing/setup/system.ts';
import type { OperatorId, SystemId } from '../sharing/sharing-id.ts';
import type { Place } from '../sharing/zones/zone.ts';
import type { AssetName } from './asset-names.ts';

/** What one search of a partner has found, priced. It holds nothing: the purchase does. */
export interface OfferSet {
  readonly clientId: string;
  /** 20 base32 characters. */
  readonly searchId: string;
  readonly systemId: SystemId;
  readonly operatorId: OperatorId;
  readonly offeredAt: Instant;
  /** Nobody buys them later than that. */
  readonly expiresAt: Instant;
  /** In the order in which they were found. */
  readonly offers: readonly VehicleOffer[];
}

export interface VehicleOffer {
  readonly vehicleId: string;
  /** What the partner calls it. Absent in what was written before: the vehicle's own id. */
  readonly assetId?: string;
  readonly vehicleTypeId: string;
  readonly label: string;
  readonly place: Place;
  readonly planId: string;
  readonly planVersion: number;
  /** What a use as it was asked for would cost, in minor units. */
  readonly estimate: number;
  readonly currency: string;
  /** Metres from where it was asked for. */
  readonly distance: number;
  readonly charge?: number;
  readonly rangeMeters?: number;
}

/** Five minutes: as long as somebody looks at a list. */
export const offerValidity = 300_000;
export const mostOffers = 20;

/** What is meant to be done with it, for an estimate. */
export interface Meant {
  readonly minutes: number;
  readonly metres: number;
}

/** Where nothing is said: half an hour and ten kilometres. */
export const usuallyMeant: Meant = { minutes: 30, metres: 10_000 };

/** @param assetName what the partner calls it */
export function offerOf(
  found: FoundVehicle,
  assetName: AssetName,
  system: SharingSystem,
  meant: Meant,
  now: Instant,
): VehicleOffer {
  const { vehicleId, uses, type, label, place, plan, distance, charge, rangeMeters } = found;
  const { market, timeZone } = system;
  return {
    ...{ vehicleId, assetId: assetName(vehicleId, uses), vehicleTypeId: type.vehicleTypeId, label, place },
    distance: Math.round(distance),
    ...{ planId: plan.planId, planVersion: plan.version, currency: plan.currency },
    estimate: estimateOf({ plan, market, timeZone }, meant, now),
    ...(charge !== undefined && { charge }),
    ...(rangeMeters !== undefined && { rangeMeters }),
  };
}

/** Minor units, tax included: a use that begins at once and is not paused. */
function estimateOf(terms: BillTerms, { minutes, metres }: Meant, now: Instant): number {
  const use = { heldAt: now, startedAt: now, endedAt: now + minutes * 60_000, pauses: [], metres };
  return billOf(use, terms).total;
}
