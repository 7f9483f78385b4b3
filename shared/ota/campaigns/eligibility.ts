import type { Brand } from '../../registry/brand.ts';
import type { Inventory } from '../../registry/inventory.ts';
import type { Market } from '../../registry/market.ts';
import type { Vehicle } from '../../registry/vehicle.ts';
import type { OfferedImage, OfferedRelease } from './offered-release.ts';

/** Whom a campaign is for; everything that is named has to hold. The brand is that of the release. */
export interface CampaignQuery {
  readonly models?: readonly string[];
  readonly markets?: readonly Market[];
  /** Installed on the vehicle as a whole. */
  readonly softwareVersions?: readonly string[];
  /** At least one of these part numbers is on board. */
  readonly hardwareIds?: readonly string[];
  /** These vehicles and no others: for a trial. */
  readonly vehicleIds?: readonly string[];
}

export type Ineligible =
  | 'not-active'
  | 'not-asked-for'
  | 'unknown-hardware'
  | 'no-image-fits'
  | 'not-needed'
  /** An image wants newer software beside it than the vehicle has: another update has to come first. */
  | 'requires-another';

/** Why the vehicle is not one of the campaign's; undefined where it is. */
export function ineligible(
  vehicle: Pick<Vehicle, 'vehicleId' | 'brand' | 'model' | 'market' | 'softwareVersion' | 'lifeCycle'>,
  inventory: Pick<Inventory, 'ecus'> | undefined,
  query: CampaignQuery,
  release: Pick<OfferedRelease, 'brand' | 'images'>,
): Ineligible | undefined {
  if (vehicle.lifeCycle.status !== 'active') return 'not-active';
  if (!isAskedFor(vehicle, query, release.brand)) return 'not-asked-for';
  if (inventory === undefined) return 'unknown-hardware';
  const { hardwareIds } = query;
  if (hardwareIds !== undefined && !inventory.ecus.some((ecu) => hardwareIds.includes(ecu.hardwareId))) {
    return 'not-asked-for';
  }
  const fitting = inventory.ecus.flatMap((ecu) => {
    const image = release.images.find((one) => one.ecuId === ecu.ecuId && one.hardwareIds.includes(ecu.hardwareId));
    return image === undefined ? [] : [{ has: ecu.releaseCounter, image }];
  });
  if (fitting.length === 0) return 'no-image-fits';
  if (!fitting.some(({ has, image }) => image.releaseCounter > has)) return 'not-needed';
  const images = fitting.map(({ image }) => image);
  return isComplete(inventory, images) ? undefined : 'requires-another';
}

/** Whether all that the images require would run beside them: the Director judges alike, of what the vehicle signs. */
function isComplete({ ecus }: Pick<Inventory, 'ecus'>, images: readonly OfferedImage[]): boolean {
  const counters = new Map(ecus.map(({ ecuId, releaseCounter }) => [ecuId, releaseCounter]));
  for (const { ecuId, releaseCounter } of images) {
    counters.set(ecuId, Math.max(releaseCounter, counters.get(ecuId) ?? 0));
  }
  const required = images.flatMap(({ requires = [] }) => requires);
  return required.every(({ ecuId, releaseCounter }) => (counters.get(ecuId) ?? -1) >= releaseCounter);
}

function isAskedFor(
  { vehicleId, brand, model, market, softwareVersion }: Parameters<typeof ineligible>[0],
  { models, markets, softwareVersions, vehicleIds }: CampaignQuery,
  ofRelease: Brand,
): boolean {
  return (
    brand === ofRelease &&
    holds(models, model) &&
    holds(markets, market) &&
    holds(softwareVersions, softwareVersion) &&
    holds(vehicleIds, vehicleId)
  );
}

function holds<T>(wanted: readonly T[] | undefined, value: T | undefined): boolean {
  return wanted === undefined || (value !== undefined && wanted.includes(value));
}

/** Whether there could be a vehicle that two queries ask for. */
export function overlap(one: CampaignQuery, other: CampaignQuery): boolean {
  return (
    meet(one.models, other.models) &&
    meet(one.markets, other.markets) &&
    meet(one.softwareVersions, other.softwareVersions) &&
    meet(one.vehicleIds, other.vehicleIds)
  );
}

function meet<T>(one: readonly T[] | undefined, other: readonly T[] | undefined): boolean {
  return one === undefined || other === undefined || one.some((value) => other.includes(value));
}
