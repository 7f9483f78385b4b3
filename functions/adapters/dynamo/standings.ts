import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Quota } from '#shared/access/quota.ts';
import type { Standing } from '#shared/access/standing.ts';
import type { StandingRepository } from '#shared/access/standing-repository.ts';
import { accessKeys } from './access.ts';
import { ttl, writtenOrThere } from './document-client.ts';

const isNew = 'attribute_not_exists(pk)';
/** The numbers themselves are the version: who sees the same bucket decides the same. */
const bucketAsSeen =
  'tokens = :tokens AND filledAt = :filledAt AND conduct.#since = :since AND conduct.requests = :requests';

/** A full bucket need not be remembered, misconduct a little longer than it is held against a client. */
const keptFor = { bucket: 24 * 3_600_000, circuit: 3 * 24 * 3_600_000 };

/** More would be no limit, less would be a lock. */
const quotaItem = z.object({
  rate: z.number().check(z.gte(0.01), z.lte(100_000)),
  burst: z.number().check(z.gte(1), z.lte(1_000_000)),
});

const count = z.number();
const standingItem = z.object({
  tokens: z.number(),
  filledAt: z.number(),
  conduct: z.object({ since: z.number(), requests: count, ignored: count, nonsense: count }),
  circuit: z.optional(
    z.object({
      openedAt: z.number(),
      until: z.number(),
      times: z.number(),
      reason: z.enum(['quota-ignored', 'nonsense']),
    }),
  ),
});

/** So long an answer of the table is worth waiting for; the guard of the API does without, rather. */
const patience = 1_000;

export class DynamoStandingRepository implements StandingRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async quota(askerId: string): Promise<Quota | undefined> {
    const get = new GetCommand({ TableName: this.#table, Key: accessKeys.quota(askerId) });
    const { Item } = await this.#client.send(get, inTime());
    return Item === undefined ? undefined : quotaItem.parse(Item);
  }

  async load(askerId: string): Promise<Standing | undefined> {
    const get = { TableName: this.#table, Key: accessKeys.standing(askerId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get), inTime());
    if (Item === undefined) return undefined;
    const { tokens, filledAt, conduct, circuit } = standingItem.parse(Item);
    return { bucket: { tokens, filledAt }, conduct, circuit };
  }

  save(askerId: string, { bucket, conduct, circuit }: Standing, seen: Standing | undefined): Promise<boolean> {
    const expiresAt = ttl(bucket.filledAt + keptFor[circuit === undefined ? 'bucket' : 'circuit']);
    // Two that decide the same write the same, but for the mark: who took the tokens knows its own.
    const Item = { ...accessKeys.standing(askerId), ...bucket, conduct, circuit, expiresAt, mark: randomUUID() };
    const put = {
      ...{ TableName: this.#table, Item },
      ...(seen === undefined ? { ConditionExpression: isNew } : asSeen(seen)),
    };
    return writtenOrThere(this.#client, put, inTime());
  }
}

function asSeen({ bucket, conduct }: Standing) {
  return {
    ConditionExpression: bucketAsSeen,
    ExpressionAttributeNames: { '#since': 'since' },
    ExpressionAttributeValues: {
      ':tokens': bucket.tokens,
      ':filledAt': bucket.filledAt,
      ':since': conduct.since,
      ':requests': conduct.requests,
    },
  };
}

function inTime() {
  return { abortSignal: AbortSignal.timeout(patience) };
}
