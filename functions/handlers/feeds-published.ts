import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { type Told, toldBy } from '../adapters/dynamo/feed-news.ts';
import { observed } from '../observability.ts';
import { together } from '../record-batch.ts';
import { wireFeeds } from '../wiring/feeds.ts';

const feeds = wireFeeds();

/** A vehicle is free, held or elsewhere, or an operator has changed a city: what the public reads follows. */
export const handler = observed((event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const read = event.Records.map((record) => ({ record, told: toldBy(record) }));
  const told = read.flatMap((one) => (one.told === undefined ? [] : [{ record: one.record, told: one.told }]));
  return together(told, sequenceOf, subjectOf, (some) => follow(some.map((one) => one.told)));
});

function sequenceOf({ record }: { readonly record: DynamoDBRecord }): string {
  return record.dynamodb?.SequenceNumber ?? '';
}

function subjectOf({ told }: { readonly told: Told }): string {
  switch (told.of) {
    case 'city':
      return told.systemId;
    case 'operator':
      return `operator ${told.operatorId}`;
    case 'systems':
      return 'all systems';
  }
}

/** All of one subject. */
async function follow(told: readonly Told[]): Promise<void> {
  const [first] = told;
  switch (first?.of) {
    case 'city': {
      const news = told.flatMap((one) => (one.of === 'city' ? [one.news] : []));
      return feeds.publish(first.systemId, news);
    }
    case 'operator':
      return feeds.publishOperator(first.operatorId);
    case 'systems':
      return feeds.publishManifest();
    case undefined:
      return;
  }
}
