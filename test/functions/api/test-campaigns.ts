import { createHash } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoCounterRepository } from '#functions/adapters/dynamo/campaign-counters.ts';
import { DynamoDueRepository } from '#functions/adapters/dynamo/campaign-due.ts';
import { DynamoCampaignRepository, DynamoRunRepository } from '#functions/adapters/dynamo/campaigns.ts';
import { DynamoCaseRepository } from '#functions/adapters/dynamo/cases.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoUpdateRepository } from '#functions/adapters/dynamo/updates.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { type CasePorts, CaseService } from '#shared/ota/assistance/case-service.ts';
import { CampaignService } from '#shared/ota/campaigns/campaign-service.ts';
import type { OfferedRelease } from '#shared/ota/campaigns/offered-release.ts';
import { type RequestPorts, RequestService } from '#shared/ota/campaigns/request-service.ts';
import { UpdateService } from '#shared/ota/updates/update-service.ts';
import type { OwnershipRepository } from '#shared/ownership/ownership-repository.ts';
import { newTable } from '../../contract/engines.ts';
import { noneShared } from '../../support/none-shared.ts';

/** Campaigns on real tables; releases, and the device cloud's groups, are what the test says. */
export async function startCampaigns(
  engine: DynamoDBClient,
  ownerships: OwnershipRepository,
  registry: Pick<RequestPorts, 'vehicles' | 'inventories'> & Pick<CasePorts, 'presences'>,
  clock: Clock,
) {
  const client = documentClient(engine);
  const [table, updatesTable] = [await newTable(engine), await newTable(engine, 'updates')];
  const known = new Map<string, OfferedRelease>();
  const releases = { load: async (releaseId: string) => known.get(releaseId) };
  const calls: string[] = [];
  const repositories = {
    campaigns: new DynamoCampaignRepository(client, table),
    runs: new DynamoRunRepository(client, table),
    counters: new DynamoCounterRepository(client, table),
    due: new DynamoDueRepository(client, table),
    updates: new DynamoUpdateRepository(client, updatesTable),
    cases: new DynamoCaseRepository(client, updatesTable),
  };
  const updates = new UpdateService({
    ...{ ...repositories, releases, clock },
    shared: noneShared,
    owners: { ownerOf: async (vehicleId) => (await ownerships.load(vehicleId))?.owner },
  });
  return {
    ...{ known, calls, repositories },
    services: {
      campaigns: new CampaignService({
        ...{ ...repositories, releases, clock },
        calls: { call: async (campaignId) => void calls.push(campaignId) },
        rollouts: { open: async () => {} },
        bytesOf: (operationId) => createHash('sha256').update(operationId).digest(),
      }),
      requests: new RequestService({ ...repositories, ...registry, releases, clock, shared: noneShared }),
      updates,
      cases: new CaseService({
        ...{ cases: repositories.cases, loads: repositories.updates, presences: registry.presences, updates, clock },
      }),
    },
  };
}
