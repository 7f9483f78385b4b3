import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
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

const newerBooking = 'attribute_not_exists(booking) OR booking.#version < :version';
const newerStatus =
  'attribute_not_exists(#status) OR #status.boot < :boot OR (#status.boot = :boot AND #status.#sequence < :sequence)';
const isBooked = 'attribute_exists(booking)';
const noLaterBooking = 'attribute_not_exists(booking) OR booking.#version <= :version';

const bookingValue: z.ZodMiniType<ListedBooking> = z.object({
  vehicleTypeId: z.string(),
  planId: z.exactOptional(z.string()),
  label: z.string(),
  state: z.enum(mdsStates),
  heldUntil: z.exactOptional(z.number()),
  freeFrom: z.exactOptional(z.number()),
  version: z.number(),
});
const statusValue: z.ZodMiniType<VehicleStatus> = z.object({
  boot: z.number(),
  sequence: z.number(),
  at: z.number(),
  place: z.exactOptional(z.object({ latitude: z.number(), longitude: z.number() })),
  charge: z.exactOptional(z.number()),
  rangeMeters: z.exactOptional(z.number()),
  charging: z.exactOptional(z.boolean()),
});
const listingItem = z.object({
  sk: z.string(),
  booking: z.exactOptional(bookingValue),
  status: z.exactOptional(statusValue),
});

/** A city's listings, spread over partitions. Booking and status stand side by side, each with its own order. */
export class DynamoListingRepository implements ListingRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  noteBooking(systemId: SystemId, vehicleId: string, booking: ListedBooking): Promise<boolean> {
    const update = {
      ...{ TableName: this.#table, Key: listingKey(systemId, vehicleId), UpdateExpression: 'SET booking = :booking' },
      ConditionExpression: newerBooking,
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':booking': booking, ':version': booking.version },
    };
    return written(this.#client.send(new UpdateCommand(update)));
  }

  async noteStatus(systemId: SystemId, vehicleId: string, status: VehicleStatus): Promise<Noted> {
    const update = {
      ...{ TableName: this.#table, Key: listingKey(systemId, vehicleId), UpdateExpression: 'SET #status = :status' },
      ConditionExpression: newerStatus,
      ExpressionAttributeNames: { '#status': 'status', '#sequence': 'sequence' },
      ExpressionAttributeValues: { ':status': status, ':boot': status.boot, ':sequence': status.sequence },
      ReturnValues: 'ALL_NEW' as const,
    };
    const sent = this.#client.send(new UpdateCommand(update));
    if (!(await written(sent))) return { kind: 'old' };
    const { booking } = listingItem.parse((await sent).Attributes);
    return { kind: 'noted', ...(booking !== undefined && { booking }) };
  }

  async relabel(
    systemId: SystemId,
    vehicleId: string,
    { label, planId }: Pick<ListedBooking, 'label' | 'planId'>,
  ): Promise<void> {
    const ownPlan = planId === undefined ? ' REMOVE booking.planId' : ', booking.planId = :plan';
    const update = {
      ...{ TableName: this.#table, Key: listingKey(systemId, vehicleId), ConditionExpression: isBooked },
      UpdateExpression: `SET booking.label = :label${ownPlan}`,
      ExpressionAttributeValues: { ':label': label, ...(planId !== undefined && { ':plan': planId }) },
    };
    await written(this.#client.send(new UpdateCommand(update)));
  }

  async remove(systemId: SystemId, vehicleId: string, version: number): Promise<void> {
    const remove = {
      ...{ TableName: this.#table, Key: listingKey(systemId, vehicleId), ConditionExpression: noLaterBooking },
      ExpressionAttributeNames: { '#version': 'version' },
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

function listingOf(item: unknown): Listing | undefined {
  const { sk: vehicleId, booking, status } = listingItem.parse(item);
  return booking === undefined ? undefined : { vehicleId, booking, ...(status !== undefined && { status }) };
}

function listingKey(systemId: SystemId, vehicleId: string) {
  return { pk: partitionOf(systemId, shardOf(vehicleId)), sk: vehicleId };
}

function partitionOf(systemId: SystemId, shard: number): string {
  return `city#${systemId}#${shard}`;
}

/** Ids are random: any sum over them spreads. */
function shardOf(vehicleId: string): number {
  let sum = 0;
  for (let at = 0; at < vehicleId.length; at += 1) sum += vehicleId.charCodeAt(at);
  return sum % listingShards;
}
