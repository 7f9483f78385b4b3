import type { SharedFleet } from '#shared/ota/campaigns/shared-fleet.ts';

/** Every vehicle is its owner's. */
export const noneShared: SharedFleet = { among: async () => new Set() };
