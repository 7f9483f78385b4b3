import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import type { Due } from '#shared/sharing/due/due.ts';
import { chargeIdValue } from '#shared/sharing/id-values.ts';
import { vehicleIdValue } from '../adapters/dynamo/registry-item.ts';
import { logger, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wireSharingLooks } from '../wiring/sharing-looks.ts';

const looks = wireSharingLooks();

const due: z.ZodMiniType<Due> = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['expiry', 'silence']), vehicleId: vehicleIdValue }),
  z.object({ kind: z.enum(['settle', 'recall']), vehicleId: vehicleIdValue, fence: z.int() }),
  z.object({ kind: z.literal('charge'), chargeId: chargeIdValue }),
]);
const called = z.object({ due, at: z.number() });

/** Something is due for a shared vehicle: the items say what. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> => perRecord(event.Records, 'messageId', look),
);

async function look({ body }: SQSRecord): Promise<void> {
  const { due, at } = called.parse(JSON.parse(body));
  const looked = await looks.look(due, at);
  if (looked !== 'early') logger.info('looked', { ...due });
}
