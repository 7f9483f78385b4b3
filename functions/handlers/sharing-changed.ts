import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { bookingKeys, vehicleOf } from '../adapters/dynamo/booking-item.ts';
import { itemIn } from '../adapters/dynamo/stream-image.ts';
import { observed } from '../observability.ts';
import { inOrderByKey } from '../record-batch.ts';
import { wireSharingChanges } from '../wiring/sharing-changes.ts';

const changes = wireSharingChanges();

/** Somebody holds a vehicle, has it no more, drives it: searches, subscribers, trips and due looks follow. */
export const handler = observed((event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const ofVehicles = event.Records.filter((record) => bookingKeys.isVehicle(keyOf(record)));
  return inOrderByKey(ofVehicles, ({ dynamodb }) => dynamodb?.SequenceNumber ?? '', keyOf, follow);
});

function keyOf({ dynamodb }: DynamoDBRecord): string {
  return dynamodb?.Keys?.['pk']?.S ?? '';
}

async function follow({ dynamodb }: DynamoDBRecord): Promise<void> {
  const { OldImage, NewImage } = dynamodb ?? {};
  const before = OldImage === undefined ? undefined : vehicleOf(itemIn(OldImage));
  if (NewImage !== undefined) return changes.follow(before, vehicleOf(itemIn(NewImage)));
  if (before !== undefined) await changes.forget(before);
}
