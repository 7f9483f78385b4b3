import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { PartnerUse } from '#shared/partners/assets/partner-use.ts';
import type { PartnerUseRepository } from '#shared/partners/assets/use-ports.ts';
import { operatorIdValue, reservationIdValue, systemIdValue } from '#shared/sharing/id-values.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import { ttl, writtenOrThere } from './document-client.ts';
import { feedIdValue } from './partner-feed-item.ts';
import { tripEventValue } from './trip-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

/** 40 days: what it became is the trip's by then. */
const kept = 40 * 86_400_000;

const known = z.exactOptional(z.string());
const useItem = z.object({
  ...{ reservationId: reservationIdValue, vehicleId: z.string(), fence: z.number(), operatorId: operatorIdValue },
  ...{ systemId: systemIdValue, feedId: feedIdValue, assetId: z.string(), travellerId: z.string(), since: z.number() },
  stage: z.discriminatedUnion('status', [
    z.object({ status: z.literal('asking'), offerId: known, packageId: known }),
    z.object({ status: z.literal('confirmed'), packageId: z.string() }),
    z.object({ status: z.literal('giving-back'), offerId: z.string(), packageId: known, since: z.number() }),
    z.object({
      ...{ status: z.literal('over'), at: z.number() },
      outcome: z.enum(['used', 'given-back', 'refused', 'lost']),
    }),
  ]),
  events: z.array(tripEventValue),
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
    const Item = { ...useKey(use.reservationId), ...use, expiresAt: ttl(use.since + kept) };
    return writtenOrThere(this.#client, { TableName: this.#table, Item, ...asSeen });
  }
}

function useKey(reservationId: ReservationId) {
  return { pk: `asset-use#${reservationId}`, sk: 'use' };
}
