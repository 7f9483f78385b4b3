import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { changeOf, isChangeKey } from '../adapters/dynamo/ownership-item.ts';
import { itemIn } from '../adapters/dynamo/stream-image.ts';
import { logger, observed } from '../observability.ts';
import { inOrder } from '../record-batch.ts';
import { wireOwnerChanges } from '../wiring/owner-changes.ts';

const changes = wireOwnerChanges();

/** A vehicle has another owner, or none: whoever subscribes hears of it. */
export const handler = observed(
  (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
    inOrder(event.Records, (record) => record.dynamodb?.SequenceNumber ?? '', follow),
);

async function follow({ eventName, dynamodb }: DynamoDBRecord): Promise<void> {
  const { Keys, NewImage } = dynamodb ?? {};
  // Each change of an owner adds one line to the history. What is altered or removed there was erased, and what else
  // lies in the table (codes, offers, tries) comes and goes without anybody's having to know.
  if (eventName !== 'INSERT' || NewImage === undefined || !isChangeKey(Keys?.['sk']?.S ?? '')) return;
  const change = changeOf(itemIn(NewImage));
  logger.info('owner changed', { vehicleId: change.vehicleId, reason: change.reason });
  await changes.follow(change);
}
