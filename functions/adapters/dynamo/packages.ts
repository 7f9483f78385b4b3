import { isDeepStrictEqual } from 'node:util';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import { isFollowed, openedBy, type PartnerPackage } from '#shared/partners/package.ts';
import { isPackageId, type PackageId } from '#shared/partners/package-id.ts';
import type { PackageName, PackageRepository } from '#shared/partners/package-repository.ts';
import type { OperatorId } from '#shared/sharing/sharing-id.ts';
import { ttl, unlessContended, written } from './document-client.ts';
import { packageIdValue, packageItemOf, packageKeys, packageOf, packagePrefix } from './package-item.ts';
import { wholePartition } from './whole-partition.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';
const fewer = 'attribute_not_exists(packages) OR packages < :most';
/** ms that what leads from a vehicle to its packages is kept. */
const tracesKept = 60 * 24 * 3_600_000;

const openItem = z.object({ packages: z.number() });
const nameItem = z.object({ clientId: z.string(), packageId: packageIdValue });

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];
interface CountCondition {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeValues: Readonly<Record<string, number>>;
}

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

  add(pack: PartnerPackage, most: number): Promise<boolean> {
    const { clientId, packageId } = pack;
    const Put = { TableName: this.#table, Item: packageItemOf(pack), ConditionExpression: isNew };
    const ofPerson = { TableName: this.#table, Item: { ...packageKeys.ofPerson(pack), clientId, packageId } };
    return this.#write(pack, [
      { Put },
      this.#count(pack, 1, { ConditionExpression: fewer, ExpressionAttributeValues: { ':most': most } }),
      this.#trace(pack),
      { Put: ofPerson },
    ]);
  }

  save(pack: PartnerPackage, seen: PartnerPackage): Promise<boolean> {
    const TableName = this.#table;
    const condition = { ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen.version } };
    const Put = { TableName, Item: packageItemOf(pack), ...condition };
    const opened = openedBy(seen, pack);
    const count = opened === 0 ? [] : [this.#count(pack, opened)];
    return this.#write(pack, [{ Put }, ...count, ...this.#traced(seen, pack)]);
  }

  async #write(pack: PartnerPackage, items: readonly TransactItem[]): Promise<boolean> {
    const [only] = items;
    const write =
      items.length === 1 && only?.Put !== undefined
        ? this.#client.send(new PutCommand(only.Put))
        : this.#client.send(new TransactWriteCommand({ TransactItems: [...items] }));
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
    const pk = packageKeys.vehicle(vehicleId);
    const names = await wholePartition(this.#client, this.#table, pk, (item) => nameItem.parse(item));
    return names.toReversed();
  }

  async open(clientId: string, operatorId: OperatorId): Promise<number> {
    const get = { TableName: this.#table, Key: packageKeys.open({ clientId, operatorId }), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? 0 : openItem.parse(Item).packages;
  }

  /** With the package's own write, whose condition has it counted once. */
  #count(pack: PartnerPackage, by: 1 | -1, condition?: CountCondition): TransactItem {
    return {
      Update: {
        ...{ TableName: this.#table, Key: packageKeys.open(pack), UpdateExpression: 'ADD packages :by' },
        ...condition,
        ExpressionAttributeValues: { ...condition?.ExpressionAttributeValues, ':by': by },
      },
    };
  }

  /** It is found from its vehicle as long as something may be told of it. */
  #traced(seen: PartnerPackage, pack: PartnerPackage): readonly TransactItem[] {
    const [was, is] = [isFollowed(seen), isFollowed(pack)];
    if (is && (!was || openedBy(seen, pack) === 1)) return [this.#trace(pack)];
    return was && !is ? [{ Delete: { TableName: this.#table, Key: packageKeys.ofVehicle(pack) } }] : [];
  }

  /** By which it is found from its vehicle. */
  #trace(pack: PartnerPackage): TransactItem {
    const { clientId, packageId, purchasedAt } = pack;
    const expiresAt = ttl(purchasedAt + tracesKept);
    const Item = { ...packageKeys.ofVehicle(pack), clientId, packageId, expiresAt };
    return { Put: { TableName: this.#table, Item } };
  }
}
