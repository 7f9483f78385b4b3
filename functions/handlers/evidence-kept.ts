import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { updateReportSchema } from '#shared/ota/updates/update-report.ts';
import { vehicleIdValue } from '../adapters/dynamo/registry-item.ts';
import { consentValue, updateOf } from '../adapters/dynamo/update-item.ts';
import { logger, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wireEvidence } from '../wiring/evidence.ts';

const evidence = wireEvidence();

const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stated'), vehicleId: vehicleIdValue, result: updateReportSchema }),
  z.object({ kind: z.literal('ended'), update: z.unknown(), consent: consentValue }),
]);

/** What vehicles stated, and what their updates came to, is put down where nobody changes it any more. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> =>
    perRecord(event.Records, 'messageId', async ({ body }) => keep(messageSchema.parse(JSON.parse(body)))),
);

async function keep(message: z.infer<typeof messageSchema>): Promise<void> {
  if (message.kind === 'stated') {
    const { vehicleId, result } = message;
    if (result.kind !== 'result') throw new Error('Only results are stated');
    await evidence.stated(vehicleId, result);
    return;
  }
  const update = updateOf(message.update);
  const isNew = await evidence.ended({ update, consent: message.consent });
  const { vehicleId, campaignId, state } = update;
  logger.info('evidence kept', { vehicleId, campaignId, status: state.status, isNew });
}
