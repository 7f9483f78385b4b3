import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { Vehicle } from '#shared/registry/vehicle.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { ErasedVehicle, VehicleQuery, VehicleRepository } from '#shared/registry/vehicle-repository.ts';
import type { Vin } from '#shared/registry/vin.ts';
import { written } from './document-client.ts';
import {
  brandShard,
  erasedVehicleOf,
  itemOf,
  keyPart,
  registryKeys,
  shardsPerBrand,
  vehicleIdValue,
  vehicleOf,
} from './registry-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

// Filters may leave little of what a query reads. So many rounds of queries are made for one page before it is
// handed over short, with a cursor that goes on from there. While partitions run out, each round asks twice as many
// at once as the one before: sixteen brands' partitions fit into one page, and a full page wastes little.
const roundsPerPage = 8;
const queriesPerRound = 16;

/** Which partition of the index comes next, and after which vehicle in it. */
const positionSchema = z.strictObject({
  partition: z.int().check(z.nonnegative()),
  after: z.exactOptional(z.strictObject({ vehicleId: vehicleIdValue, sortKey: z.string().check(z.maxLength(1000)) })),
});
type Position = z.infer<typeof positionSchema>;

/** What one query gave, and where the next one begins. */
interface Part {
  readonly rows: readonly { readonly vehicle: Vehicle; readonly sortKey: string }[];
  readonly next: Position;
}

interface Index {
  readonly name: 'byModel' | 'bySoftware';
  readonly sortKey: 'modelKey' | 'softwareKey';
  readonly prefix: string;
}

export class DynamoVehicleRepository implements VehicleRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(vehicleId: VehicleId): Promise<Vehicle | undefined> {
    const item = await this.#get(registryKeys.vehicle(vehicleId));
    return item === undefined ? undefined : vehicleOf(item);
  }

  async erased(vehicleId: VehicleId): Promise<ErasedVehicle | undefined> {
    const item = await this.#get(registryKeys.erased(vehicleId));
    return item === undefined ? undefined : erasedVehicleOf(item);
  }

  async findByVin(vin: Vin): Promise<Vehicle | undefined> {
    const entry = await this.#get(registryKeys.vin(vin));
    return entry === undefined ? undefined : this.load(vehicleIdValue.parse(entry['vehicleId']));
  }

  register(vehicle: Vehicle): Promise<boolean> {
    const entry = { ...registryKeys.vin(vehicle.vin), vehicleId: vehicle.vehicleId };
    const puts = [entry, itemOf(vehicle)].map((Item) => ({
      Put: { TableName: this.#table, Item, ConditionExpression: isNew },
    }));
    return written(this.#client.send(new TransactWriteCommand({ TransactItems: puts })));
  }

  save(vehicle: Vehicle, seenVersion: number): Promise<boolean> {
    const put = {
      TableName: this.#table,
      Item: itemOf(vehicle),
      ConditionExpression: unchanged,
      ExpressionAttributeValues: { ':seen': seenVersion },
    };
    return written(this.#client.send(new PutCommand(put)));
  }

  async search(query: VehicleQuery, page: PageRequest): Promise<Page<Vehicle>> {
    const partitions = partitionsOf(query);
    let position =
      page.from === undefined ? { partition: 0 } : parsePosition(page.from, partitions.length, indexFor(query));
    const found: Vehicle[] = [];
    let width = 1;
    for (let round = 0; round < roundsPerPage && found.length < page.limit; round++) {
      const room = page.limit - found.length;
      const parts = await this.#round(query, partitions, position, width, room);
      const taken = firstOf(parts, room);
      found.push(...taken.rows.map(({ vehicle }) => vehicle));
      position = taken.next;
      if (position.partition >= partitions.length) return { items: found };
      width = position.after === undefined ? Math.min(2 * width, queriesPerRound) : 1;
    }
    return { items: found, next: JSON.stringify(position) };
  }

  #round(query: VehicleQuery, partitions: readonly string[], from: Position, width: number, limit: number) {
    const asked = partitions.slice(from.partition, from.partition + width);
    return Promise.all(
      asked.map((partition, index) => {
        const position = index === 0 ? from : { partition: from.partition + index };
        return this.#query(query, partition, position, limit);
      }),
    );
  }

  async #query(query: VehicleQuery, partition: string, position: Position, limit: number): Promise<Part> {
    const index = indexFor(query);
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, IndexName: index.name, Limit: limit },
        ...expressions(query, index, partition),
        ...(position.after !== undefined && { ExclusiveStartKey: startKey(index, partition, position.after) }),
      }),
    );
    const rows = Items.map((item) => ({ vehicle: vehicleOf(item), sortKey: String(item[index.sortKey]) }));
    if (LastEvaluatedKey === undefined) return { rows, next: { partition: position.partition + 1 } };
    const vehicleId = vehicleIdValue.parse(String(LastEvaluatedKey['pk']).slice('veh#'.length));
    const after = { vehicleId, sortKey: String(LastEvaluatedKey[index.sortKey]) };
    return { rows, next: { partition: position.partition, after } };
  }

  async #get(Key: { pk: string; sk: string }) {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item;
  }
}

/** As many rows as there is room for, up to the first partition that has more than it gave. */
function firstOf(parts: readonly Part[], room: number): Part {
  const rows: Part['rows'][number][] = [];
  let next: Position = { partition: 0 };
  for (const part of parts) {
    const left = room - rows.length;
    const last = part.rows[left - 1];
    if (left === 0) break;
    rows.push(...part.rows.slice(0, left));
    next = part.next;
    if (part.rows.length > left && last !== undefined) {
      const after = { vehicleId: last.vehicle.vehicleId, sortKey: last.sortKey };
      next = { partition: next.after === undefined ? next.partition - 1 : next.partition, after };
    }
    if (next.after !== undefined) break;
  }
  return { rows, next };
}

function partitionsOf({ brands }: VehicleQuery): readonly string[] {
  const shards = Array.from({ length: shardsPerBrand }, (_, shard) => shard);
  return [...brands].sort().flatMap((brand) => shards.map((shard) => brandShard(brand, shard)));
}

function indexFor({ model, market, softwareVersion }: VehicleQuery): Index {
  if (softwareVersion !== undefined) {
    return { name: 'bySoftware', sortKey: 'softwareKey', prefix: `${keyPart(softwareVersion)}#` };
  }
  if (model === undefined) return { name: 'byModel', sortKey: 'modelKey', prefix: '' };
  const prefix = market === undefined ? `${keyPart(model)}#` : `${keyPart(model)}#${market}#`;
  return { name: 'byModel', sortKey: 'modelKey', prefix };
}

function expressions(query: VehicleQuery, index: Index, partition: string) {
  const filters: [string, string, string | undefined][] = [
    ['model = :model', ':model', query.model],
    ['market = :market', ':market', query.market],
    ['lifeCycle.#status = :status', ':status', query.status],
  ];
  const active = filters.filter(([, , value]) => value !== undefined);
  const begins = index.prefix === '' ? '' : ` AND begins_with(${index.sortKey}, :prefix)`;
  return {
    KeyConditionExpression: `brandShard = :partition${begins}`,
    ExpressionAttributeValues: {
      ':partition': partition,
      ...(index.prefix !== '' && { ':prefix': index.prefix }),
      ...Object.fromEntries(active.map(([, name, value]) => [name, value])),
    },
    ...(active.length > 0 && { FilterExpression: active.map(([condition]) => condition).join(' AND ') }),
    ...(query.status !== undefined && { ExpressionAttributeNames: { '#status': 'status' } }),
  };
}

function startKey(index: Index, partition: string, after: NonNullable<Position['after']>) {
  return { ...registryKeys.vehicle(after.vehicleId), brandShard: partition, [index.sortKey]: after.sortKey };
}

function parsePosition(text: string, partitions: number, { prefix }: Index): Position {
  try {
    const position = positionSchema.parse(JSON.parse(text));
    const { partition, after } = position;
    // DynamoDB refuses to begin where its own query would not.
    const isWithin =
      after === undefined || (after.sortKey.startsWith(prefix) && after.sortKey.endsWith(`#${after.vehicleId}`));
    if (partition < partitions && isWithin) return position;
  } catch {
    // Falls through: whatever is wrong with it, it is not one of ours.
  }
  throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
}
