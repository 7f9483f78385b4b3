import { setTimeout as pause } from 'node:timers/promises';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { CountedTrip, FigureBook } from '#shared/sharing/field/figure-book.ts';
import type { Counted } from '#shared/sharing/field/tally.ts';
import type { VehicleWatch } from '#shared/sharing/field/watch.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import type { TripKey } from '#shared/sharing/trips/trip.ts';
import { ttl, unlessContended, written } from './document-client.ts';
import { countedOf, countedTripOf, fieldKeys, figuresOf, fleetOf, isoHour, watchOf } from './field-item.ts';
import { wholePartition } from './whole-partition.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';
const sameTrip = 'tripVersion = :seen';

/** Two years and a bit: this month beside the same month of last year. */
const keptFor = 800 * 86_400_000;

type Writes = NonNullable<TransactWriteCommandInput['TransactItems']>;

/** Counters by hour and zone, each raised in one transaction with the item that says what was counted. */
export class DynamoFigureBook implements FigureBook {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async watch(systemId: SystemId, vehicleId: string): Promise<VehicleWatch | undefined> {
    const item = await this.#item(fieldKeys.watch(systemId, vehicleId));
    return item === undefined ? undefined : watchOf(item);
  }

  saveWatch(next: VehicleWatch, seen: VehicleWatch | undefined, counts: readonly Counted[]): Promise<boolean> {
    const Item = { ...fieldKeys.watch(next.systemId, next.vehicleId), ...next };
    const put = { TableName: this.#table, Item, ...as(unchanged, seen?.version) };
    return this.#together([{ Put: put }, ...counts.map((one) => this.#raised(next.systemId, one))]);
  }

  removeWatch({ systemId, vehicleId, version }: VehicleWatch): Promise<boolean> {
    const Key = fieldKeys.watch(systemId, vehicleId);
    return this.#together([{ Delete: { TableName: this.#table, Key, ...as(unchanged, version) } }]);
  }

  watches(systemId: SystemId): Promise<readonly VehicleWatch[]> {
    return wholePartition(this.#client, this.#table, fleetOf(systemId), watchOf);
  }

  async trip(key: TripKey): Promise<CountedTrip | undefined> {
    const item = await this.#item(fieldKeys.trip(key));
    return item === undefined ? undefined : countedTripOf(item);
  }

  saveTrip(next: CountedTrip, seen: CountedTrip | undefined, counts: readonly Counted[]): Promise<boolean> {
    const Item = { ...fieldKeys.trip(next), ...next, expiresAt: ttl(next.startedAt + keptFor) };
    const put = { TableName: this.#table, Item, ...as(sameTrip, seen?.tripVersion) };
    return this.#together([{ Put: put }, ...counts.map((one) => this.#raised(next.systemId, one))]);
  }

  counts(systemId: SystemId, from: number, to: number): Promise<readonly Counted[]> {
    // A hash sign sorts before everything that an hour may go on with.
    const range = { from: isoHour(from), to: isoHour(to) };
    return wholePartition(this.#client, this.#table, figuresOf(systemId), countedOf, range);
  }

  #raised(systemId: SystemId, { hour, tally, ...zone }: Counted): Writes[number] {
    const changes = Object.entries(tally).filter(([, more]) => more !== 0);
    const names = Object.fromEntries(changes.map(([figure]) => [`#${figure}`, figure]));
    const values = Object.fromEntries(changes.map(([figure, more]) => [`:${figure}`, more]));
    const added = changes.map(([figure]) => `#${figure} :${figure}`).join(', ');
    return {
      Update: {
        ...{ TableName: this.#table, Key: fieldKeys.counts(systemId, { hour, ...zone }) },
        UpdateExpression: `SET expiresAt = :expiresAt ADD ${added}`,
        ...{ ExpressionAttributeNames: names },
        ExpressionAttributeValues: { ...values, ':expiresAt': ttl(hour + keptFor) },
      },
    };
  }

  async #item(Key: { readonly pk: string; readonly sk: string }): Promise<unknown> {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item;
  }

  /** Vehicles of one zone raise the same counters: who is refused for that waits a moment before they look again. */
  async #together(TransactItems: Writes): Promise<boolean> {
    if (await unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems }))))) return true;
    await pause(20 + 80 * Math.random());
    return false;
  }
}

/** @param seen version of what stands there; undefined: nothing does */
function as(condition: string, seen: number | undefined) {
  if (seen === undefined) return { ConditionExpression: isNew };
  return { ConditionExpression: condition, ExpressionAttributeValues: { ':seen': seen } };
}
