import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';

const keyed = z.object({ sk: z.string() });

export interface Stretch {
  readonly pk: string;
  readonly prefix: string;
  readonly page: PageRequest;
  /** The last first. */
  readonly back?: true;
}

/** A page of a partition; its cursor is the sort key behind the prefix. */
export async function ledgerPage(
  client: DynamoDBDocumentClient,
  table: string,
  { pk, prefix, page: { limit, from }, back }: Stretch,
): Promise<Page<Readonly<Record<string, unknown>>>> {
  if (from !== undefined && !/^[\x21-\x7e]{1,400}$/.test(from)) throw badCursor();
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      ...{ TableName: table, Limit: limit, ConsistentRead: true, ScanIndexForward: back !== true },
      KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': pk, ...(prefix !== '' && { ':prefix': prefix }) },
      ...(from !== undefined && { ExclusiveStartKey: { pk, sk: `${prefix}${from}` } }),
    }),
  );
  if (LastEvaluatedKey === undefined) return { items: Items };
  return { items: Items, next: keyed.parse(LastEvaluatedKey).sk.slice(prefix.length) };
}

function badCursor(): Failure {
  return new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
}
