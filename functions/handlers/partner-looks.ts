import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { reservationIdValue } from '#shared/sharing/id-values.ts';
import { feedNameValue } from '../adapters/dynamo/partner-feed-item.ts';
import { logger, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wirePartnerLooks } from '../wiring/partner-looks.ts';

const { reader, uses, looks, clock } = wirePartnerLooks();

const message = z.union([
  z.object({ every: z.literal('minute') }),
  z.object({ feed: feedNameValue }),
  z.object({
    at: z.number(),
    look: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('use'), reservationId: reservationIdValue }),
      z.object({ kind: z.literal('hold'), vehicleId: z.string() }),
    ]),
  }),
]);

/** Partners' feeds each minute, each by a message of its own; and what is due of uses of their assets. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> => perRecord(event.Records, 'messageId', look),
);

async function look({ body }: SQSRecord): Promise<void> {
  const asked = message.parse(JSON.parse(body));
  if ('every' in asked) {
    for (const name of await reader.names()) await looks.read(name);
  } else if ('feed' in asked) {
    logger.info('partner feed', { ...asked.feed, outcome: await reader.read(asked.feed) });
  } else if (clock.now() < asked.at) await looks.call(asked.look, asked.at, clock.now());
  else await uses.look(asked.look);
}
