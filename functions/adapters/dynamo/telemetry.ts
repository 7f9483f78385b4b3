import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { CheckedBatch } from '#shared/telemetry/batch.ts';
import type { TelemetryRepository, VersionedLastReadings } from '#shared/telemetry/telemetry-repository.ts';
import { BatchedPuts } from './batched-puts.ts';
import { ttl, written } from './document-client.ts';
import { packLast, packReadings, unpackLast, unpackReadings } from './reading-columns.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'v = :seen';

// Attribute names are short because they are stored, and billed, with every item.
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const historyItem = z.object({ sk: z.string().check(z.regex(/^h#\d{13}#\d{12}$/)), r: bytes });
const lastItem = z.object({ v: z.number(), r: bytes, e: z.exactOptional(z.array(z.tuple([z.number(), z.number()]))) });

/** The one author of the Telemetry table's keys. */
function historyKey(start: number, sequence: number): string {
  return `h#${String(start).padStart(13, '0')}#${String(sequence).padStart(12, '0')}`;
}

/** The sort keys of messages that began in this time, both ends included. */
export function historyRange(startedFrom: number, startedTo: number): { readonly from: string; readonly to: string } {
  const from = historyKey(Math.max(0, startedFrom), 0);
  return { from, to: `${historyKey(startedTo, 0).slice(0, 15)}~` };
}

export class DynamoTelemetryRepository implements TelemetryRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #history: BatchedPuts;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
    this.#history = new BatchedPuts(client, table);
  }

  /** A resend writes what is there already: the same sequence, the same content. */
  addToHistory(vehicleId: VehicleId, { start, sequence, readings }: CheckedBatch, forgetAt: number): Promise<void> {
    return this.#history.put({
      ...{ pk: vehicleId, sk: historyKey(start, sequence) },
      ...{ r: packReadings(start, readings), expiresAt: ttl(forgetAt) },
    });
  }

  async *history(vehicleId: VehicleId, startedFrom: number, startedTo: number): AsyncGenerator<CheckedBatch> {
    const { from: first, to: last } = historyRange(startedFrom, startedTo);
    const range = { ':from': first, ':to': last };
    let from: Record<string, unknown> | undefined;
    do {
      const page = await this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: 'pk = :vehicle AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':vehicle': vehicleId, ...range },
          ...(from !== undefined && { ExclusiveStartKey: from }),
        }),
      );
      for (const item of page.Items ?? []) yield batchOf(item);
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
  }

  async loadLast(vehicleId: VehicleId): Promise<VersionedLastReadings> {
    const get = { TableName: this.#table, Key: { pk: vehicleId, sk: 'last' }, ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    if (Item === undefined) return { readings: new Map(), version: 0, erased: [] };
    const { v, r, e = [] } = lastItem.parse(Item);
    return { readings: unpackLast(r), version: v, erased: e.map(([from, to]) => ({ from, to })) };
  }

  saveLast(
    vehicleId: VehicleId,
    { readings, erased }: Pick<VersionedLastReadings, 'readings' | 'erased'>,
    seen: number,
  ): Promise<boolean> {
    const marks = erased.length === 0 ? {} : { e: erased.map(({ from, to }) => [from, to]) };
    const put = {
      TableName: this.#table,
      Item: { pk: vehicleId, sk: 'last', v: seen + 1, r: packLast(readings), ...marks },
      ConditionExpression: seen === 0 ? isNew : unchanged,
      ...(seen > 0 && { ExpressionAttributeValues: { ':seen': seen } }),
    };
    return written(this.#client.send(new PutCommand(put)));
  }
}

function batchOf(item: unknown): CheckedBatch {
  const { sk, r } = historyItem.parse(item);
  const [, start = '', sequence = ''] = sk.split('#');
  return { sequence: Number(sequence), start: Number(start), readings: unpackReadings(Number(start), r) };
}
