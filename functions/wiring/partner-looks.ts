import { createHash } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoAssetListings } from '../adapters/dynamo/asset-listings.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoPartnerFeeds } from '../adapters/dynamo/partner-feeds.ts';
import { DynamoPartnerUses } from '../adapters/dynamo/partner-uses.ts';
import { DynamoTripLog } from '../adapters/dynamo/trip-log.ts';
import { DynamoTripRepository } from '../adapters/dynamo/trips.ts';
import { kmsClient } from '../adapters/kms/kms-client.ts';
import { KmsTokenSeal } from '../adapters/kms/partner-token-seal.ts';
import { HttpGbfsFetcher } from '../adapters/partners/gbfs-fetcher.ts';
import { TompDesk } from '../adapters/partners/tomp-desk.ts';
import { SqsPartnerLooks } from '../adapters/sqs/partner-looks.ts';
import { setting } from '../environment.ts';
import { logger, metrics } from '../observability.ts';
import { systemClock as clock } from './clock.ts';
import { feedReader, useServices } from './partner-assets.ts';
import { sharingParts } from './sharing-bookings.ts';
import { webhookUrlRules } from './webhook-rules.ts';

/** What is looked at without anybody's asking: partners' feeds, and uses of their assets. */
export function wirePartnerLooks() {
  const client = documentClient();
  const [sharing, table, trips] = [setting('SHARING_TABLE'), setting('PARTNERS_TABLE'), setting('TRIPS_TABLE')];
  const rules = webhookUrlRules();
  const looks = new SqsPartnerLooks(new SQSClient({}), setting('PARTNER_LOOKS_QUEUE_URL'));
  const parts = {
    ...{ ...sharingParts(client), feeds: new DynamoPartnerFeeds(client, table), looks, clock },
    ...{ log: new DynamoTripLog(client, trips), trips: new DynamoTripRepository(client, trips) },
    uses: new DynamoPartnerUses(client, table),
    desk: new TompDesk(rules, new KmsTokenSeal(kmsClient(), setting('PARTNER_KEY'))),
    warn: ({ reservationId, feedId }: { readonly reservationId: string; readonly feedId: string }, what: string) =>
      logger.warn(what, { reservationId, feedId }),
    undecided: ({ reservationId, feedId }: { readonly reservationId: string; readonly feedId: string }) => {
      logger.warn('A use of a partner’s vehicle waits for its operator', { reservationId, feedId });
      metrics.addMetric('PartnerUsesUndecided', 'Count', 1);
    },
  };
  const reader = feedReader(parts, {
    fetcher: new HttpGbfsFetcher(rules),
    assets: new DynamoAssetListings(client, sharing),
    digest: (text) => createHash('sha256').update(text).digest(),
  });
  return { reader, uses: useServices(parts).uses, looks, clock };
}
