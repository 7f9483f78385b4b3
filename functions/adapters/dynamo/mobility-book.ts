import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { KeyedDigest } from '#shared/sharing/feeds/public-id.ts';
import type { CityRecord, MobilityRecords } from '#shared/sharing/mobility-data/mobility-book.ts';
import { MobilityIds } from '#shared/sharing/mobility-data/mobility-ids.ts';
import { momentOf } from '#shared/sharing/mobility-data/mobility-reader.ts';
import type { Device, Told, ToldEvent } from '#shared/sharing/mobility-data/told-event.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import { written } from './document-client.ts';
import { cityOf, deviceOf, hourShardOf, mobilityKeys } from './mobility-item.ts';

const isNew = 'attribute_not_exists(pk)';
const notToldLater = 'attribute_not_exists(publishedAt) OR publishedAt <= :publishedAt';
const noLaterKnown = 'attribute_not_exists(version) OR version < :version';

/** Moves of shared vehicles under their hours, and the last of each vehicle. One index over both finds them. */
export class DynamoMobilityRecords implements MobilityRecords {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #digest: (key: string) => KeyedDigest;
  /** It never changes once it is there. */
  readonly #cities = new Map<SystemId, CityRecord>();

  constructor(client: DynamoDBDocumentClient, table: string, digest: (key: string) => KeyedDigest) {
    this.#client = client;
    this.#table = table;
    this.#digest = digest;
  }

  async city(systemId: SystemId): Promise<CityRecord | undefined> {
    const known = this.#cities.get(systemId);
    if (known !== undefined) return known;
    const item = await this.#get(mobilityKeys.city(systemId));
    if (item === undefined) return undefined;
    const record = cityOf(item);
    this.#cities.set(systemId, record);
    return record;
  }

  async addCity(systemId: SystemId, record: CityRecord): Promise<CityRecord> {
    const Item = { ...mobilityKeys.city(systemId), ...record };
    await written(this.#client.send(new PutCommand({ TableName: this.#table, Item, ConditionExpression: isNew })));
    return (await this.city(systemId)) ?? record;
  }

  async device(systemId: SystemId, vehicleId: string): Promise<Device | undefined> {
    const item = await this.#get(mobilityKeys.device(systemId, vehicleId));
    return item === undefined ? undefined : deviceOf(item);
  }

  async keep({ events, device }: Told, { idKey }: CityRecord): Promise<void> {
    const { systemId, vehicleId, version } = device.last;
    const deviceId = new MobilityIds(this.#digest(idKey)).device(vehicleId);
    await Promise.all(events.map((told) => this.#keepEvent(told, deviceId)));
    const put = {
      Item: {
        ...mobilityKeys.device(systemId, vehicleId),
        ...{ hour: mobilityKeys.devices(systemId), moment: deviceId, version, device: JSON.stringify(device) },
      },
      ConditionExpression: noLaterKnown,
      ExpressionAttributeValues: { ':version': version },
    };
    await written(this.#client.send(new PutCommand({ TableName: this.#table, ...put })));
  }

  async #keepEvent(told: ToldEvent, deviceId: string): Promise<void> {
    const { systemId, vehicleId, at, publishedAt, event, reason, fence } = told;
    const put = {
      Item: {
        ...mobilityKeys.move(told),
        ...{ hour: mobilityKeys.hour(systemId, at, hourShardOf(vehicleId)), moment: momentOf(at, deviceId) },
        ...{ event, reason, publishedAt, fence, told: JSON.stringify(told) },
      },
      ConditionExpression: notToldLater,
      ExpressionAttributeValues: { ':publishedAt': publishedAt },
    };
    await written(this.#client.send(new PutCommand({ TableName: this.#table, ...put })));
  }

  async #get(Key: { readonly pk: string; readonly sk: string }): Promise<unknown> {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item;
  }
}
