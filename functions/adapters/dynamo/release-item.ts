import * as z from 'zod/mini';
import { sortableInstant } from '#shared/kernel/base32.ts';
import { type Hardware, hardwareSchema } from '#shared/ota/releases/hardware.ts';
import { isReleaseId, type Release, type ReleaseId, releaseContentSchema } from '#shared/ota/releases/release.ts';
import type { ReleaseSummary } from '#shared/ota/releases/release-repository.ts';
import type { Brand } from '#shared/registry/brand.ts';
import { brandValue } from './registry-item.ts';

/** The one author of the Releases table's keys. */
export const releaseKeys = {
  release: (releaseId: ReleaseId) => ({ pk: `release#${releaseId}`, sk: 'release' }),
  /** Few thousand in all: one partition holds the list of them. */
  summary: ({ releaseId, createdAt }: Pick<Release, 'releaseId' | 'createdAt'>) => ({
    pk: releaseList,
    sk: `${sortableInstant(createdAt)}#${releaseId}`,
  }),
  hardware: (brand: Brand, hardwareId: string) => ({ pk: hardwareList(brand), sk: hardwareId }),
};

export const releaseList = 'releases';

export function hardwareList(brand: Brand): string {
  return `hardware#${brand}`;
}

const releaseId = z.custom<ReleaseId>((value) => typeof value === 'string' && isReleaseId(value));
const approvals = z.array(z.object({ by: z.string(), at: z.number() }));
const statuses = ['draft', 'uploaded', 'signed', 'approved', 'withdrawn'] as const;

const releaseItem = z.object({
  // Checked when it was written; a rule that is tightened later hides no release, since the forms only ever grow wider.
  ...releaseContentSchema.shape,
  releaseId,
  brand: brandValue,
  author: z.string(),
  createdAt: z.number(),
  state: z.discriminatedUnion('status', [
    z.object({ status: z.enum(['draft', 'uploaded']) }),
    z.object({ status: z.enum(['signed', 'approved', 'withdrawn']), approvals }),
  ]),
  steps: z.array(z.object({ status: z.enum(statuses), by: z.string(), at: z.number() })),
  version: z.number(),
});

const summaryItem = z.object({
  releaseId,
  brand: brandValue,
  softwareVersion: z.string(),
  createdAt: z.number(),
  status: z.enum(statuses),
});

const hardwareItem = z.object({
  ...hardwareSchema.shape,
  brand: brandValue,
  newest: z.exactOptional(z.object({ releaseCounter: z.number(), sha256: z.string() })),
});

export function releaseOf(item: unknown): Release {
  return releaseItem.parse(item);
}

export function itemOf(release: Release) {
  return { ...releaseKeys.release(release.releaseId), ...release };
}

export function summaryOf(item: unknown): ReleaseSummary {
  return summaryItem.parse(item);
}

export function summaryItemOf({ releaseId: id, brand, softwareVersion, createdAt, state }: Release) {
  const summary = { releaseId: id, brand, softwareVersion, createdAt, status: state.status };
  return { ...releaseKeys.summary(summary), ...summary };
}

export function hardwareOf(item: unknown): Hardware {
  return hardwareItem.parse(item);
}

export function hardwareItemOf(hardware: Hardware) {
  return { ...releaseKeys.hardware(hardware.brand, hardware.hardwareId), ...hardware };
}
