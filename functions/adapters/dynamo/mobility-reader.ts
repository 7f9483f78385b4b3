import { type DynamoDBDocumentClient, GetCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { CityRecord } from '#shared/sharing/mobility-data/mobility-book.ts';
import { uuidPattern } from '#shared/sharing/mobility-data/mobility-ids.ts';
import {
  type MobilityReader,
  momentOf,
  type PlacedEvent,
  type Span,
} from '#shared/sharing/mobility-data/mobility-reader.ts';
import type { Device } from '#shared/sharing/mobility-data/told-event.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import { BatchedGets } from './batched-gets.ts';
import { cityOf, deviceOf, hourShards, mobilityKeys, toldOf } from './mobility-item.ts';

const indexed = z.object({ pk: z.string(), sk: z.string(), moment: z.string() });
const atOnce = 100;

export class DynamoMobilityReader implements MobilityReader {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #items: BatchedGets;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
    this.#items = new BatchedGets(client, table);
  }

  async city(systemId: SystemId): Promise<CityRecord | undefined> {
    const item = await this.#get(mobilityKeys.city(systemId));
    return item === undefined ? undefined : cityOf(item);
  }

  async device(systemId: SystemId, vehicleId: string): Promise<Device | undefined> {
    const item = await this.#items.get(mobilityKeys.device(systemId, vehicleId));
    return item === undefined ? undefined : deviceOf(item);
  }

  async deviceOf(systemId: SystemId, deviceId: string): Promise<Device | undefined> {
    const [found] = await this.#query({
      KeyConditionExpression: '#hour = :hour AND moment = :moment',
      ExpressionAttributeValues: { ':hour': mobilityKeys.devices(systemId), ':moment': deviceId },
    });
    const [device] = await this.#devicesAt(found === undefined ? [] : [found]);
    return device;
  }

  async devices(systemId: SystemId, { limit, from = '!' }: PageRequest): Promise<Page<Device>> {
    if (from !== '!' && !uuidPattern.test(from)) throw badCursor();
    const found = await this.#query({
      KeyConditionExpression: '#hour = :hour AND moment > :from',
      ExpressionAttributeValues: { ':hour': mobilityKeys.devices(systemId), ':from': from },
      Limit: limit,
    });
    const items = await this.#devicesAt(found);
    const last = found.at(limit - 1);
    return last === undefined ? { items } : { items, next: indexed.parse(last).moment };
  }

  async events(systemId: SystemId, span: Span): Promise<readonly PlacedEvent[]> {
    const shards = Array.from({ length: hourShards }, (_, shard) => this.#shard(systemId, shard, span));
    const found = (await Promise.all(shards)).flat().map(toldOf);
    found.sort((one, other) => (one.moment < other.moment ? -1 : 1));
    return span.limit === undefined ? found : found.slice(0, span.limit);
  }

  async #shard(systemId: SystemId, shard: number, { hour, from, to, limit }: Span): Promise<readonly unknown[]> {
    const items: unknown[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await this.#page({
        KeyConditionExpression: '#hour = :hour AND moment BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':hour': mobilityKeys.hour(systemId, hour, shard),
          // Nothing has a moment without a device.
          ...{ ':from': from ?? momentOf(hour), ':to': momentOf(to) },
        },
        ...(limit !== undefined && { Limit: limit }),
        ...(start !== undefined && { ExclusiveStartKey: start }),
      });
      items.push(...Items);
      start = limit !== undefined && items.length >= limit ? undefined : LastEvaluatedKey;
    } while (start !== undefined);
    return items;
  }

  /** The index knows keys alone of them. */
  async #devicesAt(found: readonly unknown[]): Promise<readonly Device[]> {
    const keys = found.map((item) => indexed.parse(item)).map(({ pk, sk }) => ({ pk, sk }));
    const items = await Promise.all(keys.map((key) => this.#items.get(key)));
    return items.flatMap((item) => (item === undefined ? [] : [deviceOf(item)]));
  }

  async #query(query: Omit<QueryCommandInput, 'TableName'>): Promise<readonly unknown[]> {
    const { Items = [] } = await this.#page({ Limit: atOnce, ...query });
    return Items;
  }

  #page(query: Omit<QueryCommandInput, 'TableName'>) {
    return this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, IndexName: mobilityKeys.byHour, ExpressionAttributeNames: { '#hour': 'hour' } },
        ...query,
      }),
    );
  }

  async #get(Key: { readonly pk: string; readonly sk: string }): Promise<unknown> {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item;
  }
}

function badCursor(): Failure {
  return new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
}
