import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { systemIdValue } from '#shared/sharing/id-values.ts';
import type { StatementCall } from '#shared/sharing/keys/statement-service.ts';
import { vehicleIdValue } from '../adapters/dynamo/registry-item.ts';
import { logger, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wireSharingStatements } from '../wiring/sharing-statements.ts';

const statements = wireSharingStatements();

const called: z.ZodMiniType<StatementCall> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('vehicle'), vehicleId: vehicleIdValue }),
  z.object({ kind: z.literal('city'), systemId: systemIdValue, after: z.exactOptional(z.string()) }),
]);

/** A vehicle is told, signed, which keys open it no more and by what it judges. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> =>
    perRecord(event.Records, 'messageId', async ({ body }) => {
      const call = called.parse(JSON.parse(body));
      await statements.serve(call);
      logger.info('statement', { ...call });
    }),
);
