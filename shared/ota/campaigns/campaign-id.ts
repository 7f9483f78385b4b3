import { base32, sortableInstant } from '../../kernel/base32.ts';
import type { Instant } from '../../kernel/clock.ts';

/** Sorts by the instant at which the campaign was drafted. */
export type CampaignId = string & { readonly campaignId: unique symbol };

export const campaignIdPattern = /^cmp-[0-9a-v]{9}[a-z2-7]{11}$/;

export function isCampaignId(text: string): text is CampaignId {
  return campaignIdPattern.test(text);
}

/** @param random seven bytes at least */
export function campaignIdOf(now: Instant, random: Uint8Array): CampaignId {
  const id = `cmp-${sortableInstant(now)}${base32(random, 11)}`;
  if (!isCampaignId(id)) throw new RangeError('not an instant of this millennium');
  return id;
}
