import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { vehicleStatuses } from '#shared/registry/vehicle.ts';
import { type Export, type ExportId, exportProblemCodes, isExportId } from '#shared/transfers/export.ts';
import type { ExportRepository } from '#shared/transfers/export-repository.ts';
import { transferFormats } from '#shared/transfers/transfer-format.ts';
import { ttl, written, writtenOrThere } from './document-client.ts';
import { brandValue, marketValue } from './registry-item.ts';
import { leaseValue, partedFileValue, taskKeys, taskMemory } from './task-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

const exportItem = z.object({
  exportId: z.custom<ExportId>((value) => typeof value === 'string' && isExportId(value)),
  clientId: z.string(),
  format: z.enum(transferFormats),
  query: z.object({
    brands: z.array(brandValue),
    model: z.exactOptional(z.string()),
    market: z.exactOptional(marketValue),
    status: z.exactOptional(z.enum(vehicleStatuses)),
  }),
  withVin: z.boolean(),
  reason: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
  version: z.number(),
  state: z.discriminatedUnion('status', [
    z.object({
      status: z.literal('running'),
      lease: leaseValue,
      written: z.object({
        file: partedFileValue,
        rest: z.exactOptional(z.string()),
        vehicles: z.number(),
        bytes: z.number(),
        from: z.exactOptional(z.string()),
      }),
    }),
    z.object({ status: z.literal('done'), endedAt: z.number(), vehicles: z.number(), bytes: z.number() }),
    z.object({
      status: z.literal('failed'),
      endedAt: z.number(),
      problem: z.object({ code: z.enum(exportProblemCodes), detail: z.string() }),
    }),
  ]),
});

export class DynamoExportRepository implements ExportRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(id: ExportId): Promise<Export | undefined> {
    const get = { TableName: this.#table, Key: taskKeys.export(id), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : exportItem.parse(Item);
  }

  add(task: Export): Promise<boolean> {
    const put = { TableName: this.#table, Item: itemOf(task), ConditionExpression: isNew };
    return written(this.#client.send(new PutCommand(put)));
  }

  save(task: Export, seenVersion: number): Promise<boolean> {
    const put = {
      ...{ TableName: this.#table, Item: itemOf(task), ConditionExpression: unchanged },
      ExpressionAttributeValues: { ':seen': seenVersion },
    };
    return writtenOrThere(this.#client, put);
  }
}

function itemOf(task: Export) {
  return { ...taskKeys.export(task.exportId), ...task, expiresAt: ttl(task.createdAt + taskMemory) };
}
