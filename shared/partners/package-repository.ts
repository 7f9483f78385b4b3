import type { Page, PageRequest } from '../kernel/paging.ts';
import type { OperatorId } from '../sharing/sharing-id.ts';
import type { OfferSet } from './offer.ts';
import type { PartnerPackage } from './package.ts';
import type { PackageId } from './package-id.ts';

/** A package as it is found: another client's does not exist. */
export type PackageName = Pick<PartnerPackage, 'clientId' | 'packageId'>;

export interface OfferRepository {
  /** @returns the one that is kept: the first of a search stands */
  keep(set: OfferSet): Promise<OfferSet>;
  load(clientId: string, searchId: string): Promise<OfferSet | undefined>;
}

/** Every write is conditional; those of a package bring along what it is found by. */
export interface PackageRepository {
  load(name: PackageName): Promise<PartnerPackage | undefined>;
  /** The first write, which counts it as open. False where there is one, where `most` are open, or where others count too. */
  add(pack: PartnerPackage, most: number): Promise<boolean>;
  /** What it counts for follows, once. @param seen what was loaded. False where somebody else was faster. */
  save(pack: PartnerPackage, seen: PartnerPackage): Promise<boolean>;
  /** The newest first. */
  ofClient(clientId: string, page: PageRequest): Promise<Page<PackageId>>;
  /** Those bought of a vehicle of which something may be told still (`isFollowed`), the newest first. */
  ofVehicle(vehicleId: string): Promise<readonly PackageName[]>;
  /** How many of a client's are neither over nor given back, as far as anybody was told. */
  open(clientId: string, operatorId: OperatorId): Promise<number>;
}
