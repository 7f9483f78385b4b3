import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { ClientBrandsRepository } from '#shared/access/client-brands-repository.ts';
import type { Answer, IdempotentOperation } from '#shared/access/idempotent-operation.ts';
import type { OperationRepository } from '#shared/access/operation-repository.ts';
import { ttl, written, writtenOrThere } from './document-client.ts';

/** The one author of the Access table's keys. */
export const accessKeys = {
  brands: (clientId: string) => ({ pk: `client#${clientId}`, sk: 'brands' }),
  /** What the operator allows. */
  quota: (askerId: string) => ({ pk: `client#${askerId}`, sk: 'quota' }),
  /** What is left of it, and how the client behaved. */
  standing: (askerId: string) => ({ pk: `client#${askerId}`, sk: 'standing' }),
  operation: ({ clientId, key }: Pick<IdempotentOperation, 'clientId' | 'key'>) => ({
    pk: `client#${clientId}`,
    sk: `operation#${key}`,
  }),
  /** Of what another device cloud posted: taken once. */
  signature: (digest: string) => ({ pk: `signature#${digest}`, sk: 'signature' }),
};

const isNew = 'attribute_not_exists(pk)';
const leaseAsSeen = 'leaseUntil = :seen AND forgetAt = :forgetAt';
const leaseIsMine = 'leaseUntil = :mine AND operationId = :id';

const brandsItem = z.object({ brands: z.array(z.string()) });

const operationItem = z.object({
  clientId: z.string(),
  key: z.string(),
  fingerprint: z.string(),
  operationId: z.string(),
  startedAt: z.number(),
  leaseUntil: z.number(),
  forgetAt: z.number(),
  answer: z.exactOptional(
    z.object({ status: z.number(), headers: z.record(z.string(), z.string()), body: z.string() }),
  ),
});

export class DynamoClientBrandsRepository implements ClientBrandsRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(clientId: string): Promise<readonly string[]> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: accessKeys.brands(clientId) }),
    );
    return Item === undefined ? [] : brandsItem.parse(Item).brands;
  }
}

export class DynamoOperationRepository implements OperationRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(clientId: string, key: string): Promise<IdempotentOperation | undefined> {
    const get = { TableName: this.#table, Key: accessKeys.operation({ clientId, key }), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : operationItem.parse(Item);
  }

  take(operation: IdempotentOperation, seen: IdempotentOperation | undefined): Promise<boolean> {
    const put = {
      TableName: this.#table,
      Item: { ...accessKeys.operation(operation), ...operation, expiresAt: ttl(operation.forgetAt) },
      ConditionExpression: seen === undefined ? isNew : leaseAsSeen,
      ...(seen !== undefined && {
        ExpressionAttributeValues: { ':seen': seen.leaseUntil, ':forgetAt': seen.forgetAt },
      }),
    };
    // The id of a fresh operation is nobody else's; two that take a lapsed lease at once write the same.
    return seen === undefined ? writtenOrThere(this.#client, put) : written(this.#client.send(new PutCommand(put)));
  }

  async answer(operation: IdempotentOperation, answer: Answer): Promise<void> {
    await this.#update(operation, 'SET answer = :value', answer);
  }

  async release(operation: IdempotentOperation): Promise<void> {
    await this.#update(operation, 'SET leaseUntil = :value', 0);
  }

  async forget(operation: IdempotentOperation): Promise<void> {
    const remove = { TableName: this.#table, Key: accessKeys.operation(operation), ...mine(operation) };
    await written(this.#client.send(new DeleteCommand(remove)));
  }

  async #update(operation: IdempotentOperation, UpdateExpression: string, value: unknown): Promise<void> {
    const { ConditionExpression, ExpressionAttributeValues } = mine(operation);
    const update = {
      TableName: this.#table,
      Key: accessKeys.operation(operation),
      ...{ UpdateExpression, ConditionExpression },
      ExpressionAttributeValues: { ...ExpressionAttributeValues, ':value': value },
    };
    await written(this.#client.send(new UpdateCommand(update)));
  }
}

function mine({ leaseUntil, operationId }: IdempotentOperation) {
  return {
    ConditionExpression: leaseIsMine,
    ExpressionAttributeValues: { ':mine': leaseUntil, ':id': operationId },
  };
}
