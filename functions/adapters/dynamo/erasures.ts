import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { isPersonId, type PersonId } from '#shared/access/person.ts';
import { type Erasure, type ErasureId, erasedCategories, isErasureId } from '#shared/erasure/erasure.ts';
import type { ErasureProof } from '#shared/erasure/erasure-proof.ts';
import type { ErasureRepository, ProofArchive } from '#shared/erasure/erasure-repository.ts';
import { type Brand, isBrand } from '#shared/registry/brand.ts';
import { written, writtenOrThere } from './document-client.ts';
import { vehicleIdValue } from './registry-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

const taskKey = (erasureId: ErasureId) => ({ pk: `erasure#${erasureId}`, sk: 'erasure' });
/** Among the records of the audit, which no role can change. */
const proofKey = (erasureId: string) => ({ pk: `erasure#${erasureId}`, sk: 'proof' });

const erasureIdValue = z.custom<ErasureId>((value) => typeof value === 'string' && isErasureId(value));
const brandValue = z.custom<Brand>((value) => typeof value === 'string' && isBrand(value));
const personIdValue = z.custom<PersonId>((value) => typeof value === 'string' && isPersonId(value));

const category = z.enum(erasedCategories);
const tally = z.object({
  category,
  where: z.string(),
  count: z.number(),
  late: z.number(),
  at: z.exactOptional(z.number()),
});

const checkpoint = z.object({
  step: z.number(),
  after: z.exactOptional(z.string()),
  doing: z.exactOptional(z.object({ keys: z.array(z.string()), count: z.number(), next: z.exactOptional(z.string()) })),
});

const erasureItem = z.object({
  erasureId: erasureIdValue,
  subject: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('vehicle'), vehicleId: vehicleIdValue, brand: brandValue }),
    z.object({ kind: z.literal('person'), personId: personIdValue }),
  ]),
  actor: z.union([
    z.object({ kind: z.enum(['client', 'person', 'vehicle']), id: z.string() }),
    z.object({ kind: z.literal('platform') }),
  ]),
  requestId: z.string(),
  askedAt: z.number(),
  recipient: z.exactOptional(z.string()),
  spans: z.array(z.object({ vehicleId: vehicleIdValue, from: z.number(), to: z.number() })),
  tallies: z.array(tally),
  state: z.discriminatedUnion('status', [
    z.object({ status: z.enum(['running', 'verifying']), checkpoint }),
    z.object({ status: z.literal('paused'), until: z.number() }),
    z.object({ status: z.literal('done') }),
  ]),
  stuckSince: z.exactOptional(z.number()),
  version: z.number(),
});

const proofItem = z.object({
  erasureId: z.string(),
  kind: z.enum(['vehicle', 'person']),
  askedAt: z.number(),
  doneAt: z.number(),
  erased: z.array(tally),
  kept: z.array(
    z.object({ category: z.string(), where: z.string(), basis: z.string(), until: z.exactOptional(z.number()) }),
  ),
  sha256: z.string(),
});

export class DynamoErasureRepository implements ErasureRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  /** @param table the one of long tasks */
  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(erasureId: ErasureId): Promise<Erasure | undefined> {
    const get = { TableName: this.#table, Key: taskKey(erasureId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : erasureItem.parse(Item);
  }

  begin(erasure: Erasure): Promise<boolean> {
    const Item = { ...taskKey(erasure.erasureId), ...erasure };
    return written(this.#client.send(new PutCommand({ TableName: this.#table, Item, ConditionExpression: isNew })));
  }

  save(erasure: Erasure, seen: number): Promise<boolean> {
    const put = {
      ...{ TableName: this.#table, Item: { ...taskKey(erasure.erasureId), ...erasure } },
      ...{ ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen } },
    };
    return writtenOrThere(this.#client, put);
  }
}

export class DynamoProofArchive implements ProofArchive {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  /** @param table the one of the audit */
  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async keep(proof: ErasureProof): Promise<ErasureProof> {
    const Item = { ...proofKey(proof.erasureId), ...proof };
    await written(this.#client.send(new PutCommand({ TableName: this.#table, Item, ConditionExpression: isNew })));
    return (await this.#find(proof.erasureId)) ?? proof;
  }

  load(erasureId: ErasureId): Promise<ErasureProof | undefined> {
    return this.#find(erasureId);
  }

  /** A query, because that is all that anybody may do in this table. */
  async #find(erasureId: string): Promise<ErasureProof | undefined> {
    const { pk, sk } = proofKey(erasureId);
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, KeyConditionExpression: 'pk = :pk AND sk = :sk', ConsistentRead: true },
        ExpressionAttributeValues: { ':pk': pk, ':sk': sk },
      }),
    );
    return Items[0] === undefined ? undefined : proofItem.parse(Items[0]);
  }
}
