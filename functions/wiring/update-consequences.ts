import { SQSClient } from '@aws-sdk/client-sqs';
import { CaseWatch } from '#shared/ota/assistance/case-watch.ts';
import { CountService } from '#shared/ota/campaigns/count-service.ts';
import { ConsequenceService } from '#shared/ota/updates/consequence-service.ts';
import { InstallationService } from '#shared/sharing/bookings/installation-service.ts';
import { TwinOffers } from '../adapters/channels/twin-offers.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { DynamoCounterRepository } from '../adapters/dynamo/campaign-counters.ts';
import { DynamoDueRepository } from '../adapters/dynamo/campaign-due.ts';
import { DynamoCampaignRepository } from '../adapters/dynamo/campaigns.ts';
import { DynamoCaseRepository } from '../adapters/dynamo/cases.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { OfferedReleases } from '../adapters/dynamo/offered-releases.ts';
import { DynamoReleaseRepository } from '../adapters/dynamo/releases.ts';
import { DynamoUpdateRepository } from '../adapters/dynamo/updates.ts';
import { sharedAnswers } from '../adapters/shared-answers.ts';
import { SqsEvidenceDesk } from '../adapters/sqs/evidence-desk.ts';
import { SqsRunCalls } from '../adapters/sqs/run-calls.ts';
import { setting } from '../environment.ts';
import { logger, metrics } from '../observability.ts';
import { systemClock as clock } from './clock.ts';
import { platformTwins, rollouts } from './device-cloud.ts';

export function wireUpdateConsequences() {
  const client = documentClient();
  const table = setting('CAMPAIGNS_TABLE');
  const queues = new SQSClient({});
  const campaigns = new DynamoCampaignRepository(client, table);
  return {
    consequences: new ConsequenceService({
      updates: new DynamoUpdateRepository(client, setting('UPDATES_TABLE')),
      releases: new OfferedReleases(new DynamoReleaseRepository(client, setting('RELEASES_TABLE'))),
      rollouts: rollouts(client),
      due: new DynamoDueRepository(client, table),
      calls: new SqsRunCalls(queues, setting('CAMPAIGN_QUEUE_URL')),
      evidence: new SqsEvidenceDesk(queues, setting('EVIDENCE_QUEUE_URL')),
      installations: new InstallationService(new DynamoBookingRepository(client, setting('BOOKINGS_TABLE'))),
      channel: new TwinOffers(platformTwins(client)),
      campaigns: { load: sharedAnswers((campaignId) => campaigns.load(campaignId)) },
      clock,
    }),
    cases: new CaseWatch({
      cases: new DynamoCaseRepository(client, setting('UPDATES_TABLE')),
      warn({ vehicleId, campaignId }) {
        metrics.addMetric('UnsafeVehicles', 'Count', 1);
        logger.warn('vehicle must not be driven', { vehicleId, campaignId });
      },
      ...{ campaigns, clock },
    }),
    counts: new CountService({ counters: new DynamoCounterRepository(client, table), campaigns, clock }),
  };
}
