import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Offering } from '#shared/partners/assets/asset.ts';
import { isFeedId } from '#shared/partners/assets/partner-feed.ts';
import { mdsStates } from '#shared/sharing/mds.ts';
import {
  type ListedBooking,
  type Listing,
  type ListingRepository,
  listingShards,
  type Noted,
} from '#shared/sharing/search/listing.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import type { VehicleStatus } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { written } from './document-client.ts';

const prefix = 'city#';

const newerBooking = 'attribute_not_exists(booking) OR bookingVersion < :version';
const newerAndOffered = 'attribute_exists(offering) AND bookingVersion < :version';
const newerStatus = 'attribute_not_exists(boot) OR boot < :boot OR (boot = :boot AND #sequence < :sequence)';
const isBooked = 'attribute_exists(booking)';
const noLaterBooking = 'attribute_not_exists(booking) OR bookingVersion <= :version';

export const listedBookingValue: z.ZodMiniType<Omit<ListedBooking, 'label' | 'planId'>> = z.object({
  vehicleTypeId: z.string(),
  state: z.enum(mdsStates),
  heldUntil: z.exactOptional(z.number()),
  freeFrom: z.exactOptional(z.number()),
  uses: z.exactOptional(z.number()),
  driven: z.exactOptional(z.literal(true)),
  version: z.number(),
});
export const statusValue: z.ZodMiniType<VehicleStatus> = z.object({
  boot: z.number(),
  sequence: z.number(),
  at: z.number(),
  place: z.exactOptional(z.object({ latitude: z.number(), longitude: z.number() })),
  charge: z.exactOptional(z.number()),
  rangeMeters: z.exactOptional(z.number()),
  charging: z.exactOptional(z.boolean()),
});
const offeringValue: z.ZodMiniType<Offering> = z.object({
  feedId: z.custom<Offering['feedId']>((value) => typeof value === 'string' && isFeedId(value)),
  ...{ assetId: z.string(), isFree: z.boolean(), readAt: z.number() },
});
/** Each half as JSON text: a city is read over and over, and text is read five times as fast as nested attributes. */
const listingItem = z.object({
  sk: z.string(),
  booking: z.exactOptional(z.string()),
  label: z._default(z.string(), ''),
  planId: z.exactOptional(z.string()),
  status: z.exactOptional(z.string()),
  offering: z.exactOptional(z.string()),
});

/** A city's listings, spread over partitions. Booking and status stand side by side, each with its own order. */
export class DynamoListingRepository implements ListingRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  noteBooking(systemId: SystemId, vehicleId: string, noted: ListedBooking, where?: 'offered'): Promise<boolean> {
    const { label, planId, ...booking } = noted;
    const ConditionExpression = where === 'offered' ? newerAndOffered : newerBooking;
    const update = {
      ...{ TableName: this.#table, Key: listingKey(systemId, vehicleId), ConditionExpression },
      UpdateExpression: `SET booking = :booking, bookingVersion = :version, ${labels(planId)}`,
      ExpressionAttributeValues: {
        ...{ ':booking': JSON.stringify(booking), ':version': booking.version },
        ...labelValues({ label, planId }),
      },
    };
    return written(this.#client.send(new UpdateCommand(update)));
  }

  async noteStatus(systemId: SystemId, vehicleId: string, status: VehicleStatus): Promise<Noted> {
    const update = {
      ...{ TableName: this.#table, Key: listingKey(systemId, vehicleId), ConditionExpression: newerStatus },
      UpdateExpression: 'SET #status = :status, boot = :boot, #sequence = :sequence',
      ExpressionAttributeNames: { '#status': 'status', '#sequence': 'sequence' },
      ExpressionAttributeValues: {
        ...{ ':status': JSON.stringify(status), ':boot': status.boot, ':sequence': status.sequence },
      },
      ReturnValues: 'ALL_NEW' as const,
    };
    const sent = this.#client.send(new UpdateCommand(update));
    if (!(await written(sent))) return { kind: 'old' };
    const listing = listingOf((await sent).Attributes);
    return { kind: 'noted', ...(listing !== undefined && { booking: listing.booking }) };
  }

  async relabel(
    systemId: SystemId,
    vehicleId: string,
    { label, planId }: Pick<ListedBooking, 'label' | 'planId'>,
  ): Promise<void> {
    const update = {
      ...{ TableName: this.#table, Key: listingKey(systemId, vehicleId), ConditionExpression: isBooked },
      UpdateExpression: `SET ${labels(planId)}`,
      ExpressionAttributeValues: labelValues({ label, planId }),
    };
    await written(this.#client.send(new UpdateCommand(update)));
  }

  async remove(systemId: SystemId, vehicleId: string, version: number): Promise<void> {
    const remove = {
      ...{ TableName: this.#table, Key: listingKey(systemId, vehicleId), ConditionExpression: noLaterBooking },
      ExpressionAttributeValues: { ':version': version },
    };
    await written(this.#client.send(new DeleteCommand(remove)));
  }

  async listing(systemId: SystemId, vehicleId: string): Promise<Listing | undefined> {
    const get = { TableName: this.#table, Key: listingKey(systemId, vehicleId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : listingOf(Item);
  }

  async shard(systemId: SystemId, shard: number): Promise<readonly Listing[]> {
    const listings: Listing[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': partitionOf(systemId, shard) },
          ...(start !== undefined && { ExclusiveStartKey: start }),
        }),
      );
      listings.push(...Items.flatMap((item) => listingOf(item) ?? []));
      start = LastEvaluatedKey;
    } while (start !== undefined);
    return listings;
  }
}

function labels(planId: string | undefined): string {
  return `label = :label${planId === undefined ? ' REMOVE planId' : ', planId = :plan'}`;
}

function labelValues({ label, planId }: { readonly label: string; readonly planId: string | undefined }) {
  return { ':label': label, ...(planId !== undefined && { ':plan': planId }) };
}

/** Undefined where no booking is known yet. */
export function listingOf(item: unknown): Listing | undefined {
  const { sk: vehicleId, booking, label, planId, status, offering } = listingItem.parse(item);
  if (booking === undefined) return undefined;
  const own = { label, ...(planId !== undefined && { planId }) };
  return {
    ...{ vehicleId, booking: { ...listedBookingValue.parse(JSON.parse(booking)), ...own } },
    ...(status !== undefined && { status: statusValue.parse(JSON.parse(status)) }),
    ...(offering !== undefined && { offering: offeringValue.parse(JSON.parse(offering)) }),
  };
}

export function listingKey(systemId: SystemId, vehicleId: string) {
  return { pk: partitionOf(systemId, shardOf(vehicleId)), sk: vehicleId };
}

function partitionOf(systemId: SystemId, shard: number): string {
  return `${prefix}${systemId}#${shard}`;
}

/** Undefined where the partition holds no listings. */
export function cityOfPartition(pk: string): string | undefined {
  return pk.startsWith(prefix) ? pk.slice(prefix.length).split('#')[0] : undefined;
}

/** Ids are random: any sum over them spreads. */
function shardOf(vehicleId: string): number {
  let sum = 0;
  for (let at = 0; at < vehicleId.length; at += 1) sum += vehicleId.charCodeAt(at);
  return sum % listingShards;
}
