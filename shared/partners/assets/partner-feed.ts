import * as z from 'zod/mini';
import type { Instant } from '../../kernel/clock.ts';
import { line, slug } from '../../sharing/setup/text.ts';
import type { OperatorId, SystemId } from '../../sharing/sharing-id.ts';
import { longestSlug, slugPattern } from '../../sharing/sharing-id.ts';

/** A partner's offer in one city: chosen by the operator, unique in its system (`nextwheel-scooters`). */
export type FeedId = string & { readonly feedId: unique symbol };

export function isFeedId(text: string): text is FeedId {
  return text.length <= longestSlug && slugPattern.test(text);
}

const url = z.string().check(z.minLength(1), z.maxLength(1024));
/** What a header may hold, and nobody guesses. */
const token = z.string().check(z.regex(/^[\x21-\x7e]{8,1024}$/, 'is not 8 to 1024 visible ASCII characters'));
/** Ids of others: whatever they are, they are short and can be seen. */
const foreignId = z.string().check(z.regex(/^[\x21-\x7e]{1,128}$/, 'is not 1 to 128 visible ASCII characters'));

/** Under which of our types a partner's stand in searches, with its rules, its ages and its estimate of the price. */
export const shownType = z.strictObject({
  assetTypeId: foreignId,
  vehicleTypeId: slug,
  planId: z.exactOptional(slug),
});
export type ShownType = z.infer<typeof shownType>;

/** Who stands on the bills of what they rent out. */
export const billIssuer = z.strictObject({
  name: line(80),
  taxId: z.exactOptional(line(40)),
});
export type BillIssuer = z.infer<typeof billIssuer>;

const content = {
  gbfsUrl: url,
  tompUrl: url,
  issuer: billIssuer,
  shows: z.array(shownType).check(z.minLength(1), z.maxLength(50)),
  /** Seconds after which what a partner said of its assets counts no more: GBFS allows five minutes. */
  freshSeconds: z._default(z.int().check(z.gte(60), z.lte(3600)), 300),
  enabled: z._default(z.boolean(), true),
  /** Hours after the end of a use within which its price is to be named; then the operator decides. */
  priceDueHours: z._default(z.int().check(z.gte(1), z.lte(720)), 24),
  /** Minor units of the city's currency: what costs more is charged by the operator's decision alone. */
  priceCap: z._default(z.int().check(z.gte(1), z.lte(10_000_000)), 20_000),
};

export const feedContent = z.strictObject(content);
export type FeedContent = z.infer<typeof feedContent>;
/** `token` is the one secret: it is written, and never read again by anybody who asks. */
export const feedOrder = z.strictObject({ ...content, token });
export type FeedOrder = z.infer<typeof feedOrder>;
export const feedChanges = z.strictObject({
  ...{ gbfsUrl: z.exactOptional(url), tompUrl: z.exactOptional(url), issuer: z.exactOptional(billIssuer) },
  shows: z.exactOptional(content.shows),
  freshSeconds: z.exactOptional(z.int().check(z.gte(60), z.lte(3600))),
  priceDueHours: z.exactOptional(z.int().check(z.gte(1), z.lte(720))),
  priceCap: z.exactOptional(z.int().check(z.gte(1), z.lte(10_000_000))),
  ...{ enabled: z.exactOptional(z.boolean()), token: z.exactOptional(token) },
});
export type FeedChanges = z.infer<typeof feedChanges>;

/** A partner operator whose assets are offered in a city of ours. */
export interface PartnerFeed extends FeedContent, FeedName {
  readonly operatorId: OperatorId;
  /** Only the key service makes it readable. */
  readonly sealedToken: string;
  readonly createdAt: Instant;
  /** Rises with each write. */
  readonly version: number;
}

export interface FeedName {
  readonly systemId: SystemId;
  readonly feedId: FeedId;
}

/** What of a feed counts as the same order; the token is compared by nobody. */
export function contentOf(feed: PartnerFeed): FeedContent {
  const { gbfsUrl, tompUrl, issuer, shows, freshSeconds, enabled, priceDueHours, priceCap } = feed;
  return { gbfsUrl, tompUrl, issuer, shows, freshSeconds, enabled, priceDueHours, priceCap };
}
