import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import type { SecurityEvent } from '#shared/security/security-event.ts';
import { vehicleIdValue } from '../adapters/dynamo/registry-item.ts';
import { logger, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wireSecurity } from '../wiring/security.ts';

const security = wireSecurity();

const eventSchema = z.discriminatedUnion('kind', [
  z.object({
    ...{ kind: z.literal('attack-refused'), vehicleId: vehicleIdValue, campaignId: z.string(), attack: z.string() },
    ...{ toldBy: z.enum(['result', 'version-report']), ecuId: z.exactOptional(z.string()), at: z.number() },
  }),
  z.object({
    ...{ kind: z.literal('metadata-refused'), repository: z.string(), role: z.string(), reason: z.string() },
    ...{ clientId: z.string(), at: z.number() },
  }),
  z.object({
    ...{ kind: z.literal('rotation-refused'), vehicleId: vehicleIdValue, reason: z.string() },
    ...{ certificateId: z.string(), at: z.number() },
  }),
  z.object({
    ...{ kind: z.literal('trip-log-refused'), vehicleId: vehicleIdValue, reason: z.string(), at: z.number() },
  }),
]) satisfies z.ZodMiniType<SecurityEvent>;

/** What was tried and refused is put down where nobody takes it away, and whoever watches is told. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> =>
    perRecord(event.Records, 'messageId', async ({ body, attributes }) => {
      const refused = eventSchema.parse(JSON.parse(body));
      const isTold = await security.note(refused, Number(attributes.ApproximateReceiveCount) > 1);
      logger.info('security event', { ...refused, isTold });
    }),
);
