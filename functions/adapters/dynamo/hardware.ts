import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { EcuImage } from '#shared/ota/releases/ecu-image.ts';
import type { Hardware } from '#shared/ota/releases/hardware.ts';
import type { HardwareRepository } from '#shared/ota/releases/release-repository.ts';
import type { Brand } from '#shared/registry/brand.ts';
import { written } from './document-client.ts';
import { hardwareItemOf, hardwareList, hardwareOf, releaseKeys } from './release-item.ts';

const isNew = 'attribute_not_exists(pk)';
const isKnown = 'attribute_exists(pk)';
const mayFollow =
  'attribute_not_exists(newest) OR newest.releaseCounter < :counter OR (newest.releaseCounter = :counter AND newest.sha256 = :sha256)';

export class DynamoHardwareRepository implements HardwareRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(brand: Brand, hardwareId: string): Promise<Hardware | undefined> {
    const get = { TableName: this.#table, Key: releaseKeys.hardware(brand, hardwareId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : hardwareOf(Item);
  }

  async loadMany(brand: Brand, hardwareIds: readonly string[]): Promise<ReadonlyMap<string, Hardware>> {
    const found = new Map<string, Hardware>();
    let keys: Record<string, unknown>[] = hardwareIds.map((hardwareId) => releaseKeys.hardware(brand, hardwareId));
    // The answer may leave keys out (16 MB, throttling): those are asked for again.
    while (keys.length > 0) {
      const request = { RequestItems: { [this.#table]: { Keys: keys.slice(0, 100), ConsistentRead: true } } };
      const { Responses, UnprocessedKeys } = await this.#client.send(new BatchGetCommand(request));
      for (const item of Responses?.[this.#table] ?? []) {
        const hardware = hardwareOf(item);
        found.set(hardware.hardwareId, hardware);
      }
      keys = [...(UnprocessedKeys?.[this.#table]?.Keys ?? []), ...keys.slice(100)];
    }
    return found;
  }

  add(hardware: Hardware): Promise<boolean> {
    const put = { TableName: this.#table, Item: hardwareItemOf(hardware), ConditionExpression: isNew };
    return written(this.#client.send(new PutCommand(put)));
  }

  raise(
    brand: Brand,
    hardwareId: string,
    { releaseCounter, sha256 }: Pick<EcuImage, 'releaseCounter' | 'sha256'>,
  ): Promise<boolean> {
    const update = {
      ...{ TableName: this.#table, Key: releaseKeys.hardware(brand, hardwareId) },
      ConditionExpression: `${isKnown} AND (${mayFollow})`,
      UpdateExpression: 'SET newest = :newest',
      ExpressionAttributeValues: {
        ':newest': { releaseCounter, sha256 },
        ...{ ':counter': releaseCounter, ':sha256': sha256 },
      },
    };
    return written(this.#client.send(new UpdateCommand(update)));
  }

  async list(brand: Brand, { limit, from }: PageRequest): Promise<Page<Hardware>> {
    const pk = hardwareList(brand);
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: limit, ConsistentRead: true },
        KeyConditionExpression: 'pk = :list',
        ExpressionAttributeValues: { ':list': pk },
        ...(from !== undefined && { ExclusiveStartKey: { pk, sk: from } }),
      }),
    );
    const items = Items.map(hardwareOf);
    const next: unknown = LastEvaluatedKey?.['sk'];
    return typeof next === 'string' ? { items, next } : { items };
  }
}
