import type { Instant } from '../../kernel/clock.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import { distanceBetween } from '../../sharing/search/distance.ts';
import type { ListedBooking, Listing } from '../../sharing/search/listing.ts';
import { type Asset, assetLabel } from './asset.ts';
import type { ListedAsset } from './feed-ports.ts';
import type { PartnerFeed } from './partner-feed.ts';

/** As it stands in the list of a city. */
export function listedAsset(feed: PartnerFeed, vehicleId: VehicleId, asset: Asset, readAt: Instant): ListedAsset {
  const { assetId, vehicleTypeId, planId, place, charge, rangeMeters, isFree, at } = asset;
  return {
    offering: { feedId: feed.feedId, assetId, isFree, readAt },
    booking: {
      ...{ vehicleTypeId, label: assetLabel(feed.issuer.name, vehicleId), state: 'available', freeFrom: 0, version: 0 },
      ...(planId !== undefined && { planId }),
    },
    status: {
      ...{ boot: 1, sequence: readAt, at, place },
      ...(charge !== undefined && { charge }),
      ...(rangeMeters !== undefined && { rangeMeters }),
    },
  };
}

/** Metres that a place may seem to move while nothing moves. */
const jitter = 5;
/** ms after which "seen at" is written anew where nothing else is. */
const seenAgain = 1_800_000;

/** Whether what stands there would tell somebody who searches something else. */
export function isOutdated({ booking, status, offering }: Listing, wanted: ListedAsset): boolean {
  if (offering === undefined || status?.place === undefined || wanted.status.place === undefined) return true;
  if (offering.isFree !== wanted.offering.isFree || offering.assetId !== wanted.offering.assetId) return true;
  // Once it was booked with us, its booking says how it is shown.
  if (booking.version === 0 && !isShownSo(booking, wanted.booking)) return true;
  const { charge, rangeMeters, at, place } = wanted.status;
  if (status.charge !== charge || status.rangeMeters !== rangeMeters || at - status.at > seenAgain) return true;
  return distanceBetween(status.place, place) > jitter;
}

function isShownSo(one: ListedBooking, other: ListedBooking): boolean {
  return one.vehicleTypeId === other.vehicleTypeId && one.planId === other.planId && one.label === other.label;
}
