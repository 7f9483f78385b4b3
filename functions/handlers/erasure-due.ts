import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { type ErasureId, isErasureId } from '#shared/erasure/erasure.ts';
import { setting } from '../environment.ts';
import { metrics, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wireErasures } from '../wiring/erasures.ts';

const erasures = wireErasures();
const attempts = Number(setting('ATTEMPTS'));
const call = z.object({ erasureId: z.string() });

/** Time that a slice may take, and what comes after it. */
const reserve = 15_000;

/** An erasure goes on: it was asked for, its pause is over, or the time of the last call was. */
export const handler = observed(
  (event: SQSEvent, context): Promise<SQSBatchResponse> =>
    perRecord(event.Records, 'messageId', (record) => work(record, context)),
);

async function work(record: SQSRecord, context: Context): Promise<void> {
  const erasureId = erasureIdIn(record);
  try {
    await erasures.work(erasureId, () => context.getRemainingTimeInMillis() > reserve);
  } catch (error) {
    // The last delivery: the message goes among the dead letters, which ring.
    if (Number(record.attributes.ApproximateReceiveCount) >= attempts) {
      metrics.addMetric('ErasuresStuck', 'Count', 1);
      await erasures.giveUp(erasureId);
    }
    throw error;
  }
}

function erasureIdIn({ body }: SQSRecord): ErasureId {
  const { erasureId } = call.parse(JSON.parse(body));
  if (!isErasureId(erasureId)) throw new Error('A call names no erasure');
  return erasureId;
}
