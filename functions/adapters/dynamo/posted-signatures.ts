import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { signatureLife } from '#functions/post-signature.ts';
import { accessKeys } from './access.ts';
import { ttl, writtenOrThere } from './document-client.ts';

const isNew = 'attribute_not_exists(pk)';

/** Which signatures of posts have been taken. */
export class DynamoPostedSignatures {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /**
   * False when this signature was taken before.
   *
   * @param digest of the very signature
   * @param requestId nobody else's: where the answer to this write is lost, its repetition finds its own work
   */
  take(digest: string, requestId: string, now: number): Promise<boolean> {
    return writtenOrThere(this.#client, {
      TableName: this.#table,
      // From the earliest instant at which it is good to the last one.
      Item: { ...accessKeys.signature(digest), requestId, expiresAt: ttl(now + 2 * signatureLife) },
      ConditionExpression: isNew,
    });
  }
}
