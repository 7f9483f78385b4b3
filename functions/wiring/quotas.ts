import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { QuotaService, type QuotaWatch } from '#shared/access/quota-service.ts';
import { StandingService } from '#shared/access/standing-service.ts';
import { DynamoClientBrandsRepository } from '../adapters/dynamo/access.ts';
import { DynamoStandingRepository } from '../adapters/dynamo/standings.ts';
import { setting } from '../environment.ts';
import { logger, metrics } from '../observability.ts';
import { systemClock as clock } from './clock.ts';

const quotaSetting = z.object({ rate: z.number(), burst: z.number() });

const watch: QuotaWatch = {
  shutOut(clientId, until) {
    metrics.singleMetric().addMetric('ClientsShutOut', 'Count', 1);
    logger.warn('client shut out', { clientId, until: new Date(until).toISOString() });
  },
  blind(error) {
    metrics.singleMetric().addMetric('QuotasUncounted', 'Count', 1);
    logger.warn('quotas are counted by this instance alone', { error: error instanceof Error ? error : String(error) });
  },
};

export function wireQuotas(client: DynamoDBDocumentClient) {
  const table = setting('ACCESS_TABLE');
  const standings = new DynamoStandingRepository(client, table);
  const brands = new DynamoClientBrandsRepository(client, table);
  const quotas = { client: quotaFrom('CLIENT_QUOTA'), person: quotaFrom('PERSON_QUOTA') };
  return {
    quotas: new QuotaService({ standings, clock, quotas, watch }),
    standings: new StandingService({ standings, brands, clock, quota: quotas.client }),
  };
}

function quotaFrom(name: string): z.infer<typeof quotaSetting> {
  return quotaSetting.parse(JSON.parse(setting(name)));
}
