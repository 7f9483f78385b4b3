import { SQSClient } from '@aws-sdk/client-sqs';
import { CountStep, RestStep, WithdrawStep } from '#shared/ota/campaigns/closing-steps.ts';
import { DueWork } from '#shared/ota/campaigns/due-work.ts';
import { OfferStep } from '#shared/ota/campaigns/offer-step.ts';
import { EnlistStep, EstimateStep } from '#shared/ota/campaigns/registry-scan.ts';
import { RunService } from '#shared/ota/campaigns/run-service.ts';
import { DynamoCounterRepository } from '../adapters/dynamo/campaign-counters.ts';
import { DynamoDueRepository } from '../adapters/dynamo/campaign-due.ts';
import { DynamoCampaignRepository, DynamoRunRepository } from '../adapters/dynamo/campaigns.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoInventoryRepository } from '../adapters/dynamo/inventory.ts';
import { OfferedReleases } from '../adapters/dynamo/offered-releases.ts';
import { DynamoPresenceRepository } from '../adapters/dynamo/presence.ts';
import { DynamoVehicleRepository } from '../adapters/dynamo/registry.ts';
import { DynamoReleaseRepository } from '../adapters/dynamo/releases.ts';
import { DynamoSharedFleet } from '../adapters/dynamo/shared-fleet.ts';
import { DynamoUpdateRepository } from '../adapters/dynamo/updates.ts';
import { SqsRunCalls } from '../adapters/sqs/run-calls.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { rollouts } from './device-cloud.ts';

export function wireCampaignRuns(): RunService {
  const client = documentClient();
  const [table, registryTable] = [setting('CAMPAIGNS_TABLE'), setting('REGISTRY_TABLE')];
  const campaigns = new DynamoCampaignRepository(client, table);
  const updates = new DynamoUpdateRepository(client, setting('UPDATES_TABLE'));
  const counters = new DynamoCounterRepository(client, table);
  const presences = new DynamoPresenceRepository(client, registryTable);
  const due = new DueWork({ due: new DynamoDueRepository(client, table), updates, presences });
  const scan = {
    registry: new DynamoVehicleRepository(client, registryTable),
    inventories: new DynamoInventoryRepository(client, registryTable),
    releases: new OfferedReleases(new DynamoReleaseRepository(client, setting('RELEASES_TABLE'))),
    ...{ updates, campaigns },
  };
  const groups = rollouts(client);
  return new RunService({
    newHolder: () => crypto.randomUUID(),
    ...{ campaigns, clock, runs: new DynamoRunRepository(client, table) },
    calls: new SqsRunCalls(new SQSClient({}), setting('CAMPAIGN_QUEUE_URL')),
    steps: {
      estimating: new EstimateStep(scan),
      enlisting: new EnlistStep({ ...scan, shared: new DynamoSharedFleet(client, setting('BOOKINGS_TABLE')) }),
      offering: new OfferStep({ campaigns, updates, counters, due }),
      withdrawing: new WithdrawStep(updates, groups),
      counting: new CountStep(updates, counters, groups),
      resting: new RestStep(due, counters, groups),
    },
  });
}
