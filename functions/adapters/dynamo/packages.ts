import { isDeepStrictEqual } from 'node:util';
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
import { isOver, type PartnerPackage } from '#shared/partners/package.ts';
import { isPackageId, type PackageId } from '#shared/partners/package-id.ts';
import type { PackageName, PackageRepository } from '#shared/partners/package-repository.ts';
import type { OperatorId } from '#shared/sharing/sharing-id.ts';
import { ttl, unlessContended, written } from './document-client.ts';
import { packageIdValue, packageItemOf, packageKeys, packageOf, packagePrefix } from './package-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';
/** ms that what leads from a vehicle to its packages is kept. */
const tracesKept = 60 * 24 * 3_600_000;
/** A vehicle is with one at a time; of those before something may be heard late. */
const lately = 25;

const nameItem = z.object({ clientId: z.string(), packageId: packageIdValue });

export class DynamoPackageRepository implements PackageRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(name: PackageName): Promise<PartnerPackage | undefined> {
    const get = { TableName: this.#table, Key: packageKeys.package(name), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : packageOf(Item);
  }

  async save(pack: PartnerPackage, seen: number | undefined): Promise<boolean> {
    const TableName = this.#table;
    const condition =
      seen === undefined
        ? { ConditionExpression: isNew }
        : { ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen } };
    const Put = { TableName, Item: packageItemOf(pack), ...condition };
    const more =
      seen === undefined
        ? this.#traces(pack)
        : isOver(pack.told)
          ? [packageKeys.open(pack), packageKeys.ofVehicle(pack)].map((Key) => ({ Delete: { TableName, Key } }))
          : [];
    const write =
      more.length === 0
        ? this.#client.send(new PutCommand(Put))
        : this.#client.send(new TransactWriteCommand({ TransactItems: [{ Put }, ...more] }));
    if (await unlessContended(written(write))) return true;
    // The answer to this very write may have been lost.
    const there = await this.load(pack);
    return isDeepStrictEqual(there, JSON.parse(JSON.stringify(pack)));
  }

  async ofClient(clientId: string, { limit, from }: PageRequest): Promise<Page<PackageId>> {
    if (from !== undefined && !isPackageId(from))
      throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
    const pk = packageKeys.client(clientId);
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: limit, ConsistentRead: true, ScanIndexForward: false },
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': packagePrefix },
        ProjectionExpression: 'clientId, packageId',
        ...(from !== undefined && { ExclusiveStartKey: packageKeys.package({ clientId, packageId: from }) }),
      }),
    );
    const items = Items.map((item) => nameItem.parse(item).packageId);
    const last = items.at(-1);
    return LastEvaluatedKey === undefined || last === undefined ? { items } : { items, next: last };
  }

  async ofVehicle(vehicleId: string): Promise<readonly PackageName[]> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: lately, ConsistentRead: true, ScanIndexForward: false },
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': packageKeys.vehicle(vehicleId) },
      }),
    );
    return Items.map((item) => nameItem.parse(item));
  }

  async open(clientId: string, operatorId: OperatorId, most: number): Promise<number> {
    const { Count = 0 } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: most, ConsistentRead: true, Select: 'COUNT' },
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: {
          ...{ ':pk': packageKeys.client(clientId), ':prefix': packageKeys.openOf(operatorId) },
        },
      }),
    );
    return Count;
  }

  /** By what it is counted, and found from its vehicle and its person. */
  #traces(pack: PartnerPackage) {
    const TableName = this.#table;
    const { clientId, packageId, purchasedAt } = pack;
    const name = { clientId, packageId };
    const expiresAt = ttl(purchasedAt + tracesKept);
    return [
      { Put: { TableName, Item: { ...packageKeys.open(pack), ...name, expiresAt } } },
      { Put: { TableName, Item: { ...packageKeys.ofVehicle(pack), ...name, expiresAt } } },
      { Put: { TableName, Item: { ...packageKeys.ofPerson(pack), ...name } } },
    ];
  }
}
