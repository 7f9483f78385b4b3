import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { tell } from '#shared/partners/package-news.ts';
import { packageKeys, packageOf } from '../adapters/dynamo/package-item.ts';
import { itemIn } from '../adapters/dynamo/stream-image.ts';
import { observed } from '../observability.ts';
import { inOrderByKey } from '../record-batch.ts';
import { wirePackageEvents } from '../wiring/package-events.ts';

const events = wirePackageEvents();

/** A package is written: its partner is told what it has come to, and its operator what is asked of the vehicle. */
export const handler = observed((event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const packages = event.Records.filter((record) => packageKeys.isPackage(keyOf(record)));
  return inOrderByKey(
    packages,
    ({ dynamodb }) => dynamodb?.SequenceNumber ?? '',
    (record) => keyOf(record).sk,
    follow,
  );
});

function keyOf({ dynamodb }: DynamoDBRecord): { readonly pk: string; readonly sk: string } {
  return { pk: dynamodb?.Keys?.['pk']?.S ?? '', sk: dynamodb?.Keys?.['sk']?.S ?? '' };
}

async function follow({ dynamodb }: DynamoDBRecord): Promise<void> {
  const { OldImage, NewImage } = dynamodb ?? {};
  if (NewImage === undefined) return;
  const before = OldImage === undefined ? undefined : packageOf(itemIn(OldImage));
  await tell(before, packageOf(itemIn(NewImage)), events);
}
