import type { DynamoDBRecord } from 'aws-lambda';
import type { FeedNews } from '#shared/sharing/feeds/feed-service.ts';
import { isOperatorId, isSystemId, type OperatorId, type SystemId } from '#shared/sharing/sharing-id.ts';
import { cityOfPartition, listingOf } from './listings.ts';
import { cityList, operatorList, systemSetUpBy } from './sharing-setup-keys.ts';
import { itemIn } from './stream-image.ts';

/** What a record of the Sharing table's stream means for the public feeds. */
export type Told =
  | { readonly of: 'city'; readonly systemId: SystemId; readonly news: FeedNews }
  | { readonly of: 'operator'; readonly operatorId: OperatorId }
  /** There is one more system, or one has changed. */
  | { readonly of: 'systems' };

/** Undefined where it means nothing for them. */
export function toldBy({ dynamodb }: DynamoDBRecord): Told | undefined {
  const [pk, sk] = [dynamodb?.Keys?.['pk']?.S ?? '', dynamodb?.Keys?.['sk']?.S ?? ''];
  if (pk === cityList) return { of: 'systems' };
  if (pk === operatorList) return isOperatorId(sk) ? { of: 'operator', operatorId: sk } : undefined;
  const setUp = systemSetUpBy({ pk, sk });
  if (setUp !== undefined) return isSystemId(setUp) ? city(setUp, { kind: 'set-up' }) : undefined;
  const listedIn = cityOfPartition(pk);
  if (listedIn === undefined || !isSystemId(listedIn)) return undefined;
  const image = dynamodb?.NewImage;
  if (image === undefined) return city(listedIn, { kind: 'left', vehicleId: sk });
  const listing = listingOf(itemIn(image));
  // A partner publishes its own.
  if (listing === undefined || listing.offering !== undefined) return undefined;
  return city(listedIn, { kind: 'listed', listing });
}

function city(systemId: SystemId, news: FeedNews): Told {
  return { of: 'city', systemId, news };
}
