import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { vehicleIdValue } from '../adapters/dynamo/registry-item.ts';
import { logger, metrics, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wireMoves } from '../wiring/moves.ts';

const moves = wireMoves();

const called = z.object({ vehicleId: vehicleIdValue, version: z.int() });

/** Failed so often, one after the other, in about an hour: no hub is only busy for so long. */
const stuck = 24;

/** A vehicle is on its way to another device cloud: does what is to be done next. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> => perRecord(event.Records, 'messageId', goOn),
);

async function goOn({ body, attributes }: SQSRecord): Promise<void> {
  const call = called.parse(JSON.parse(body));
  try {
    logger.info('move', { ...call, outcome: await moves.drive(call) });
  } catch (error) {
    if (Number(attributes.ApproximateReceiveCount) >= stuck) metrics.addMetric('MovesStuck', 'Count', 1);
    throw error;
  }
}
