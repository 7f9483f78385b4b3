import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { PersonId } from '#shared/access/person.ts';
import { untilSaved } from '#shared/kernel/optimistic.ts';
import type { ClaimCode } from '#shared/ownership/claim-code.ts';
import type { ClaimCodeRepository, ClaimTries, TryLimit } from '#shared/ownership/ownership-repository.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { ttl, written, writtenOrThere } from './document-client.ts';
import { codeItemOf, codeOfItem, ownershipKeys } from './ownership-item.ts';

const isNew = 'attribute_not_exists(pk)';
const isThisCode = 'revision = :revision';
const hasTries = 'revision = :revision AND triesLeft > :none AND validUntil > :now';
const isBelowLimit = 'tries < :most AND windowEndsAt > :now';
/** A window that ends later than one that begins now is from a future that the clock was set back from. */
const isLapsedOrNew = 'attribute_not_exists(pk) OR windowEndsAt <= :now OR windowEndsAt > :latest';

const triesItem = z.object({ tries: z.number(), windowEndsAt: z.number() });

export class DynamoClaimCodeRepository implements ClaimCodeRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(vehicleId: VehicleId): Promise<ClaimCode | undefined> {
    const get = { TableName: this.#table, Key: ownershipKeys.code(vehicleId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : codeOfItem(Item);
  }

  replace(code: ClaimCode, seen: ClaimCode | undefined): Promise<boolean> {
    const put = {
      TableName: this.#table,
      Item: codeItemOf(code),
      ConditionExpression: seen === undefined ? isNew : isThisCode,
      ...(seen !== undefined && { ExpressionAttributeValues: { ':revision': seen.revision } }),
    };
    // Nobody else would show the code: its salt tells it from that of whoever was faster.
    return writtenOrThere(this.#client, put);
  }

  async markPublished({ vehicleId, revision }: Pick<ClaimCode, 'vehicleId' | 'revision'>): Promise<void> {
    const update = {
      ...{ TableName: this.#table, Key: ownershipKeys.code(vehicleId), ConditionExpression: isThisCode },
      UpdateExpression: 'SET published = :true',
      ExpressionAttributeValues: { ':revision': revision, ':true': true },
    };
    await written(this.#client.send(new UpdateCommand(update)));
  }

  takeTry({ vehicleId, revision }: Pick<ClaimCode, 'vehicleId' | 'revision'>, now: number): Promise<boolean> {
    const update = {
      ...{ TableName: this.#table, Key: ownershipKeys.code(vehicleId), ConditionExpression: hasTries },
      UpdateExpression: 'SET triesLeft = triesLeft - :one',
      ExpressionAttributeValues: { ':revision': revision, ':none': 0, ':one': 1, ':now': now },
    };
    return written(this.#client.send(new UpdateCommand(update)));
  }
}

export class DynamoClaimTries implements ClaimTries {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  take(personId: PersonId, subject: string, limit: TryLimit, now: number): Promise<number | undefined> {
    const Key = ownershipKeys.tries(personId, subject);
    return untilSaved(async () => {
      if (await this.#countOne(Key, limit, now)) return { full: undefined };
      const full = await this.#fullUntil(Key, limit, now);
      if (full !== undefined) return { full };
      return (await this.#begin(Key, limit, now)) ? { full: undefined } : undefined;
    }).then(({ full }) => full);
  }

  #countOne(Key: { pk: string; sk: string }, { most }: TryLimit, now: number): Promise<boolean> {
    const update = {
      ...{ TableName: this.#table, Key, ConditionExpression: isBelowLimit },
      UpdateExpression: 'SET tries = tries + :one',
      ExpressionAttributeValues: { ':most': most, ':one': 1, ':now': now },
    };
    return written(this.#client.send(new UpdateCommand(update)));
  }

  async #fullUntil(
    Key: { pk: string; sk: string },
    { most, window }: TryLimit,
    now: number,
  ): Promise<number | undefined> {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    if (Item === undefined) return undefined;
    const { tries, windowEndsAt } = triesItem.parse(Item);
    const lasts = windowEndsAt > now && windowEndsAt <= now + window;
    return tries >= most && lasts ? windowEndsAt : undefined;
  }

  #begin(Key: { pk: string; sk: string }, { window }: TryLimit, now: number): Promise<boolean> {
    const windowEndsAt = now + window;
    const put = {
      TableName: this.#table,
      Item: { ...Key, tries: 1, windowEndsAt, expiresAt: ttl(windowEndsAt) },
      ConditionExpression: isLapsedOrNew,
      ExpressionAttributeValues: { ':now': now, ':latest': windowEndsAt },
    };
    return written(this.#client.send(new PutCommand(put)));
  }
}
