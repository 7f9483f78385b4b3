import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

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

function conditionFailed(error: unknown): boolean {
  if (!(error instanceof TransactionCanceledException)) return false;
  const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code);
  return (
    codes.includes('ConditionalCheckFailed') &&
    codes.every((code) => code === 'None' || code === 'ConditionalCheckFailed')
  );
}

/** DynamoDB's TTL attribute counts in seconds. */
export function ttl(instant: number): number {
  return Math.ceil(instant / 1000);
}
