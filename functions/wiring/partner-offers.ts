import { createHash } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { PartnerFeedService } from '#shared/partners/assets/partner-feed-service.ts';
import { PartnerTripDesk } from '#shared/partners/assets/partner-trip-desk.ts';
import type { SharingDoor } from '#shared/sharing/setup/acting.ts';
import { DynamoPartnerFeeds } from '../adapters/dynamo/partner-feeds.ts';
import { DynamoPartnerUses } from '../adapters/dynamo/partner-uses.ts';
import { DynamoTripLog } from '../adapters/dynamo/trip-log.ts';
import { kmsClient } from '../adapters/kms/kms-client.ts';
import { KmsTokenSeal } from '../adapters/kms/partner-token-seal.ts';
import { TompDesk } from '../adapters/partners/tomp-desk.ts';
import { SqsPartnerLooks } from '../adapters/sqs/partner-looks.ts';
import { knownAddresses } from '../adapters/webhooks/known-addresses.ts';
import { setting } from '../environment.ts';
import { logger } from '../observability.ts';
import { systemClock as clock } from './clock.ts';
import { type HoldParts, holdServices } from './partner-assets.ts';
import { webhookUrlRules } from './webhook-rules.ts';

type Parts = Pick<HoldParts, 'setup' | 'listings' | 'trips' | 'due' | 'reservations' | 'payments'> & {
  readonly door: SharingDoor;
};

/** What the API's routes need where vehicles may be partners'. */
export function offerServices(client: DynamoDBDocumentClient, queues: SQSClient, { door, ...parts }: Parts) {
  const table = setting('PARTNERS_TABLE');
  const feeds = new DynamoPartnerFeeds(client, table);
  const seal = new KmsTokenSeal(kmsClient(), setting('PARTNER_KEY'));
  const rules = webhookUrlRules();
  const looks = new SqsPartnerLooks(queues, setting('PARTNER_LOOKS_QUEUE_URL'));
  const uses = new DynamoPartnerUses(client, table);
  const { holds, partnerReservations } = holdServices({
    ...{ ...parts, bookings: parts.reservations.bookings, feeds, looks, clock },
    log: new DynamoTripLog(client, setting('TRIPS_TABLE')),
    uses,
    desk: new TompDesk(rules, seal),
    warn: ({ reservationId, feedId }, what) => logger.warn(what, { reservationId, feedId }),
    // Whoever looks hourly counts them.
    undecided: () => {},
    digest: (text) => createHash('sha256').update(text).digest(),
  });
  const partnerFeeds = new PartnerFeedService({
    ...{ feeds, door, setup: parts.setup, seal, calls: looks, rules, clock },
    addresses: knownAddresses,
  });
  const partnerTrips = new PartnerTripDesk({ door, uses, trips: parts.trips });
  return { feeds, holds, partnerReservations, partnerFeeds, partnerTrips };
}
