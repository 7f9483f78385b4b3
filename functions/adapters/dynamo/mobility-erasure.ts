import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { blurred } from '#shared/sharing/mobility-data/blurred.ts';
import { written } from './document-client.ts';
import { movePrefix, toldOf } from './mobility-item.ts';

/** Told anew meanwhile: whoever erases looks again. */
const unchanged = 'told = :seen';

const keyed = z.object({ pk: z.string(), sk: z.string(), told: z.string() });

/** The moves of one use say no more where exactly they happened. @param pk partition of the vehicle */
export async function blurMoves(
  client: DynamoDBDocumentClient,
  TableName: string,
  pk: string,
  fence: number,
): Promise<void> {
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        ...{ TableName, ConsistentRead: true, KeyConditionExpression: 'pk = :pk AND begins_with(sk, :move)' },
        FilterExpression: 'fence = :fence',
        ExpressionAttributeValues: { ':pk': pk, ':move': movePrefix, ':fence': fence },
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    );
    for (const item of Items) {
      const { sk, told: seen } = keyed.parse(item);
      const told = JSON.stringify(blurred(toldOf(item).told));
      const update = { UpdateExpression: 'SET told = :told', ConditionExpression: unchanged };
      const values = { ExpressionAttributeValues: { ':told': told, ':seen': seen } };
      await written(client.send(new UpdateCommand({ TableName, Key: { pk, sk }, ...update, ...values })));
    }
    start = LastEvaluatedKey;
  } while (start !== undefined);
}
