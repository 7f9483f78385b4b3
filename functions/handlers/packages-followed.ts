import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wirePackageFollowing } from '../wiring/package-following.ts';

const following = wirePackageFollowing();

const busMessage = z.object({ detail: z.object({ vehicleId: z.string() }) });

/** A shared vehicle has moved: where a partner has bought its use, the package follows. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> =>
    perRecord(event.Records, 'messageId', ({ body }) =>
      following.follow(busMessage.parse(JSON.parse(body)).detail.vehicleId),
    ),
);
