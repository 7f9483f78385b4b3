import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { vehicleIdValue } from '../adapters/dynamo/registry-item.ts';
import { logger, metrics, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wireMoves } from '../wiring/moves.ts';

const { moves, word } = wireMoves();

const called = z.union([
  z.object({ vehicleId: vehicleIdValue, version: z.int() }),
  z.object({ vehicleId: vehicleIdValue, again: z.literal(true) }),
]);

/** Failed so often, one after the other, in about an hour: no hub is only busy for so long. */
const stuck = 24;

/** A vehicle is on its way to another device cloud: does what is to be done next. One that was lost is told everything again. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> => perRecord(event.Records, 'messageId', goOn),
);

async function goOn({ body, attributes }: SQSRecord): Promise<void> {
  const call = called.parse(JSON.parse(body));
  if ('again' in call) {
    await word.sayAgain(call.vehicleId);
    return logger.info('said again', call);
  }
  try {
    logger.info('move', { ...call, outcome: await moves.drive(call) });
  } catch (error) {
    if (Number(attributes.ApproximateReceiveCount) >= stuck) metrics.addMetric('MovesStuck', 'Count', 1);
    throw error;
  }
}
