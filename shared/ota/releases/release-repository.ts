import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { Brand } from '../../registry/brand.ts';
import type { EcuImage } from './ecu-image.ts';
import type { Hardware } from './hardware.ts';
import type { Release, ReleaseId } from './release.ts';

/** A release in a list. */
export interface ReleaseSummary extends Pick<Release, 'releaseId' | 'brand' | 'softwareVersion' | 'createdAt'> {
  readonly status: Release['state']['status'];
}

export interface ReleaseRepository {
  load(releaseId: ReleaseId): Promise<Release | undefined>;
  /** False when it is there already. */
  add(release: Release): Promise<boolean>;
  /** False when it is no longer at the version that was seen. */
  save(release: Release, seenVersion: number): Promise<boolean>;
  /** The newest first. Throws `invalid` when `page.from` is not from one of its pages. */
  list(brands: readonly Brand[], page: PageRequest): Promise<Page<ReleaseSummary>>;
}

export interface HardwareRepository {
  load(brand: Brand, hardwareId: string): Promise<Hardware | undefined>;
  loadMany(brand: Brand, hardwareIds: readonly string[]): Promise<ReadonlyMap<string, Hardware>>;
  /** False when it is there already. */
  add(hardware: Hardware): Promise<boolean>;
  /** False when what was approved for it may not be followed by this image. The same again changes nothing. */
  raise(brand: Brand, hardwareId: string, image: Pick<EcuImage, 'releaseCounter' | 'sha256'>): Promise<boolean>;
  list(brand: Brand, page: PageRequest): Promise<Page<Hardware>>;
}
