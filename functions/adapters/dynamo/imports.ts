import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type Import, type ImportId, importProblemCodes, isImportId } from '#shared/transfers/import.ts';
import type { ImportRepository } from '#shared/transfers/import-repository.ts';
import { transferFormats } from '#shared/transfers/transfer-format.ts';
import { ttl, written, writtenOrThere } from './document-client.ts';
import { brandValue } from './registry-item.ts';
import { leaseValue, partedFileValue, taskKeys, taskMemory } from './task-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

const importId = z.custom<ImportId>((value) => typeof value === 'string' && isImportId(value));

const place = z.object({
  offset: z.number(),
  line: z.number(),
  within: z.enum(['start', 'after-return', 'overlong']),
});

const layout = z.discriminatedUnion('format', [
  z.object({ format: z.literal('ndjson') }),
  z.object({ format: z.literal('csv'), separator: z.enum([',', ';']), columns: z.array(z.string()) }),
]);

const problem = z.object({
  code: z.enum(importProblemCodes),
  detail: z.string(),
  line: z.exactOptional(z.number()),
  errors: z.exactOptional(z.array(z.object({ pointer: z.string(), detail: z.string() }))),
});

const run = {
  file: z.object({ tag: z.string(), bytes: z.number() }),
  startedAt: z.number(),
  checkpoint: z.object({
    place,
    layout: z.exactOptional(layout),
    counts: z.object({ registered: z.number(), unchanged: z.number(), failed: z.number() }),
    notes: z.array(z.string()),
  }),
  ending: z.exactOptional(
    z.object({ problem: z.exactOptional(problem), report: partedFileValue, notesUsed: z.number() }),
  ),
};

const importItem = z.object({
  importId,
  clientId: z.string(),
  brands: z.array(brandValue),
  format: z.enum(transferFormats),
  createdAt: z.number(),
  updatedAt: z.number(),
  version: z.number(),
  state: z.discriminatedUnion('status', [
    z.object({ status: z.literal('waiting') }),
    z.object({ status: z.literal('running'), lease: leaseValue, ...run }),
    z.object({ status: z.literal('done'), endedAt: z.number(), ...run }),
    z.object({ status: z.literal('failed'), endedAt: z.number(), problem, run: z.exactOptional(z.object(run)) }),
  ]),
});

export class DynamoImportRepository implements ImportRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(id: ImportId): Promise<Import | undefined> {
    const get = { TableName: this.#table, Key: taskKeys.import(id), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : importItem.parse(Item);
  }

  add(task: Import): Promise<boolean> {
    const put = { TableName: this.#table, Item: itemOf(task), ConditionExpression: isNew };
    return written(this.#client.send(new PutCommand(put)));
  }

  save(task: Import, seenVersion: number): Promise<boolean> {
    const put = {
      ...{ TableName: this.#table, Item: itemOf(task), ConditionExpression: unchanged },
      ExpressionAttributeValues: { ':seen': seenVersion },
    };
    return writtenOrThere(this.#client, put);
  }
}

function itemOf(task: Import) {
  return { ...taskKeys.import(task.importId), ...task, expiresAt: ttl(task.createdAt + taskMemory) };
}
