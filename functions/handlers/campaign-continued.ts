import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { isCampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import { observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { noteRun, runTime } from '../task-run.ts';
import { wireCampaignRuns } from '../wiring/campaign-runs.ts';

const runs = wireCampaignRuns();
const called = z.object({
  campaignId: z.string(),
  call: z.exactOptional(z.string()),
  asked: z.exactOptional(z.number()),
});

/** A campaign goes on: as far as one run comes. */
export const handler = observed(
  (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    perRecord(event.Records, 'messageId', async ({ body }) => {
      const { campaignId, call, asked } = called.parse(JSON.parse(body));
      if (!isCampaignId(campaignId)) throw new Error('A call names no campaign');
      noteRun(campaignId, await runs.run(campaignId, call, runTime(context), asked));
    }),
);
