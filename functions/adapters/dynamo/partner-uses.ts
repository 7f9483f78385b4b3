import { type DynamoDBDocumentClient, GetCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { sortableInstant } from '#shared/kernel/base32.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { PartnerUse } from '#shared/partners/assets/partner-use.ts';
import type { PartnerUseRepository } from '#shared/partners/assets/use-ports.ts';
import { operatorIdValue, reservationIdValue, systemIdValue } from '#shared/sharing/id-values.ts';
import type { ReservationId, SystemId } from '#shared/sharing/sharing-id.ts';
import type { TripKey } from '#shared/sharing/trips/trip.ts';
import { ttl, unlessContended, written, writtenOrThere } from './document-client.ts';
import { cityPartition, feedIdValue } from './partner-feed-item.ts';
import { tripEventValue } from './trip-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

/** 40 days: what it became is the trip's by then. */
const kept = 40 * 86_400_000;

const known = z.exactOptional(z.string());
const useItem = z.object({
  ...{ reservationId: reservationIdValue, vehicleId: z.string(), fence: z.number(), operatorId: operatorIdValue },
  ...{ systemId: systemIdValue, feedId: feedIdValue, assetId: z.string(), travellerId: z.string(), since: z.number() },
  vouched: z.exactOptional(
    z.object({ age: z.number(), licence: z.exactOptional(z.object({ class: z.string(), until: z.string() })) }),
  ),
  stage: z.discriminatedUnion('status', [
    z.object({ status: z.literal('asking'), offerId: known, packageId: known }),
    z.object({ status: z.literal('confirmed'), packageId: z.string() }),
    z.object({ status: z.literal('giving-back'), offerId: z.string(), packageId: known, since: z.number() }),
    z.object({
      ...{ status: z.literal('over'), at: z.number() },
      outcome: z.enum(['used', 'given-back', 'refused', 'decided', 'lost']),
    }),
  ]),
  events: z.array(tripEventValue),
  doubtedAt: z.exactOptional(z.number()),
  ...{ isBilled: z.boolean(), looks: z.number(), version: z.number() },
});

/** What was asked of partners, in the Partners table: one item a use. */
export class DynamoPartnerUses implements PartnerUseRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(reservationId: ReservationId): Promise<PartnerUse | undefined> {
    const get = { TableName: this.#table, Key: useKey(reservationId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : useItem.parse(Item);
  }

  save(use: PartnerUse, seen: PartnerUse | undefined): Promise<boolean> {
    const asSeen =
      seen === undefined
        ? { ConditionExpression: isNew }
        : { ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen.version } };
    // What somebody has to decide waits for them, however long.
    const forgotten = isDoubted(use) ? {} : { expiresAt: ttl(use.since + kept) };
    const Put = { TableName: this.#table, Item: { ...useKey(use.reservationId), ...use, ...forgotten }, ...asSeen };
    const line = this.#line(use, seen);
    if (line === undefined) return writtenOrThere(this.#client, Put);
    return unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems: [{ Put }, line] }))));
  }

  async doubted(systemId: SystemId, { limit, from }: PageRequest): Promise<Page<TripKey>> {
    const pk = cityPartition(systemId);
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: limit, ConsistentRead: true },
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': doubtPrefix },
        ...(from !== undefined && { ExclusiveStartKey: { pk, sk: `${doubtPrefix}${from}` } }),
      }),
    );
    const items = Items.map((item) => doubtItem.parse(item));
    if (LastEvaluatedKey === undefined) return { items };
    return { items, next: placed.parse(LastEvaluatedKey).sk.slice(doubtPrefix.length) };
  }

  /** Its line in the operator's list, where this write changes it. */
  #line(use: PartnerUse, seen: PartnerUse | undefined) {
    const TableName = this.#table;
    const was = seen !== undefined && isDoubted(seen);
    if (was === isDoubted(use)) return undefined;
    const Key = { pk: cityPartition(use.systemId), sk: doubtKey(was ? seen : use) };
    const { vehicleId, fence } = use;
    return was ? { Delete: { TableName, Key } } : { Put: { TableName, Item: { ...Key, vehicleId, fence } } };
  }
}

function isDoubted({ doubtedAt, stage }: PartnerUse): boolean {
  return doubtedAt !== undefined && stage.status !== 'over';
}

const doubtPrefix = 'doubt#';
const doubtItem = z.object({ vehicleId: z.string(), fence: z.number() });
const placed = z.object({ sk: z.string() });

function doubtKey({ doubtedAt = 0, reservationId }: PartnerUse): string {
  return `${doubtPrefix}${sortableInstant(doubtedAt)}#${reservationId}`;
}

function useKey(reservationId: ReservationId) {
  return { pk: `asset-use#${reservationId}`, sk: 'use' };
}
