import { isDeepStrictEqual } from 'node:util';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, type PutCommandInput } from '@aws-sdk/lib-dynamodb';

/**
 * A call whose answer does not come is given up and made again: it must not use up the time of the whole function.
 * DynamoDB answers within milliseconds.
 */
const patience = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };

export function documentClient(client = new DynamoDBClient({ requestHandler: patience })): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** True when the write took place, false when its condition did not hold; every other error passes. */
export async function written(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException || conditionFailed(error)) return false;
    throw error;
  }
}

/**
 * As `written`, and true as well where what stands there is what was to be written: the SDK repeats a call whose answer
 * was lost, and its condition then meets the first one's work. Who gave way to themselves would leave a task to nobody.
 *
 * @param put of an item as JSON knows it, and as nobody else writes it
 */
export async function writtenOrThere(
  client: DynamoDBDocumentClient,
  put: PutCommandInput & { readonly Item: { readonly pk: string; readonly sk: string } },
  options: { readonly abortSignal?: AbortSignal } = {},
): Promise<boolean> {
  if (await written(client.send(new PutCommand(put), options))) return true;
  const { pk, sk } = put.Item;
  const { Item } = await client.send(
    new GetCommand({ TableName: put.TableName, Key: { pk, sk }, ConsistentRead: true }),
    options,
  );
  return isDeepStrictEqual(Item, JSON.parse(JSON.stringify(put.Item)));
}

function conditionFailed(error: unknown): boolean {
  if (!(error instanceof TransactionCanceledException)) return false;
  const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code);
  return (
    codes.includes('ConditionalCheckFailed') &&
    codes.every((code) => code === 'None' || code === 'ConditionalCheckFailed')
  );
}

/** Two transactions on the same items at once: DynamoDB cancels one of them, which has to look again. */
export async function unlessContended(write: Promise<boolean>): Promise<boolean> {
  try {
    return await write;
  } catch (error) {
    const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
    const codes = new Set(reasons.map(({ Code = 'None' }) => Code));
    for (const harmless of ['None', 'ConditionalCheckFailed']) codes.delete(harmless);
    if (codes.size === 1 && codes.has('TransactionConflict')) return false;
    throw error;
  }
}

/** DynamoDB's TTL attribute counts in seconds. */
export function ttl(instant: number): number {
  return Math.ceil(instant / 1000);
}
