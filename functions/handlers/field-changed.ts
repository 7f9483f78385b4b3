import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { bookingKeys, vehicleOf } from '../adapters/dynamo/booking-item.ts';
import { itemIn } from '../adapters/dynamo/stream-image.ts';
import { tripOf } from '../adapters/dynamo/trip-item.ts';
import { tripPrefixes } from '../adapters/dynamo/trip-keys.ts';
import { observed } from '../observability.ts';
import { inOrder } from '../record-batch.ts';
import { wireFieldChanges } from '../wiring/field-changes.ts';

const fleet = wireFieldChanges();

/** A vehicle is free, held, driven, out of service; a trip is settled: tasks and figures follow. */
export const handler = observed((event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const meant = event.Records.filter((record) => isBooking(record) || isTrip(record));
  // One after the other: side by side they would raise the same counters, and give way to each other.
  return inOrder(meant, ({ dynamodb }) => dynamodb?.SequenceNumber ?? '', follow);
});

async function follow(record: DynamoDBRecord): Promise<void> {
  const { OldImage, NewImage } = record.dynamodb ?? {};
  if (isTrip(record)) {
    if (NewImage !== undefined) await fleet.count(tripOf(itemIn(NewImage)));
    return;
  }
  const before = OldImage === undefined ? undefined : vehicleOf(itemIn(OldImage));
  if (NewImage !== undefined) return fleet.follow(before, vehicleOf(itemIn(NewImage)));
  if (before !== undefined) await fleet.forget(before);
}

/** In either table a vehicle's partition has the same name. */
function isBooking(record: DynamoDBRecord): boolean {
  return bookingKeys.isVehicle(keyOf(record, 'pk')) && keyOf(record, 'sk') === bookingKeys.vehicle('').sk;
}

function isTrip(record: DynamoDBRecord): boolean {
  return keyOf(record, 'sk').startsWith(tripPrefixes.trip);
}

function keyOf({ dynamodb }: DynamoDBRecord, name: 'pk' | 'sk'): string {
  return dynamodb?.Keys?.[name]?.S ?? '';
}
