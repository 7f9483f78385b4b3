import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { SortRange } from './partition.ts';

const sorted = z.object({ sk: z.string() });
const cursor = /^[\w:.#-]{1,240}$/;

/** Every item of a partition, or of a range of it, strongly consistent: for what is known to be little. */
export async function wholePartition<T>(
  client: DynamoDBDocumentClient,
  TableName: string,
  pk: string,
  parse: (item: unknown) => T,
  range?: SortRange,
): Promise<readonly T[]> {
  const items: T[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        ...{ TableName, ConsistentRead: true },
        KeyConditionExpression: range === undefined ? 'pk = :pk' : 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': pk, ...(range && { ':from': range.from, ':to': range.to }) },
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    );
    items.push(...Items.map(parse));
    start = LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}

/** A page of a partition, the last key first. */
export async function pageIn<T>(
  client: DynamoDBDocumentClient,
  TableName: string,
  pk: string,
  { limit, from }: PageRequest,
  parse: (item: unknown) => T,
): Promise<Page<T>> {
  if (from !== undefined && !cursor.test(from)) {
    throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
  }
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      ...{ TableName, Limit: limit, ConsistentRead: true, ScanIndexForward: false },
      ...{ KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } },
      ...(from !== undefined && { ExclusiveStartKey: { pk, sk: from } }),
    }),
  );
  const items = Items.map(parse);
  return LastEvaluatedKey === undefined ? { items } : { items, next: sorted.parse(LastEvaluatedKey).sk };
}
