import { DeleteCommand, type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AssetListings, ListedAsset } from '#shared/partners/assets/feed-ports.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import { written } from './document-client.ts';
import { listingKey } from './listings.ts';

const neverBooked = 'attribute_not_exists(bookingVersion) OR bookingVersion = :none';
const notReadSince = 'attribute_not_exists(readAt) OR readAt < :readAt';
const isOffered = 'attribute_exists(offering)';

/** Partners' assets in the list of a city, whose keys `listings.ts` makes. */
export class DynamoAssetListings implements AssetListings {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async note(systemId: SystemId, vehicleId: string, { offering, booking, status }: ListedAsset): Promise<void> {
    const { label, planId, ...half } = booking;
    const said = {
      ':offering': JSON.stringify(offering),
      ':readAt': offering.readAt,
      ':status': JSON.stringify(status),
      ':boot': status.boot,
      ':sequence': status.sequence,
    };
    const update = {
      ...{ TableName: this.#table, Key: listingKey(systemId, vehicleId) },
      ExpressionAttributeNames: { '#status': 'status', '#sequence': 'sequence' },
    };
    const saying = 'SET offering = :offering, readAt = :readAt, #status = :status, boot = :boot, #sequence = :sequence';
    const first = new UpdateCommand({
      ...update,
      ConditionExpression: `(${neverBooked}) AND (${notReadSince})`,
      UpdateExpression: `${saying}, booking = :booking, bookingVersion = :none, label = :label${planId === undefined ? ' REMOVE planId' : ', planId = :plan'}`,
      ExpressionAttributeValues: {
        ...said,
        ...{ ':booking': JSON.stringify(half), ':none': 0, ':label': label },
        ...(planId !== undefined && { ':plan': planId }),
      },
    });
    if (await written(this.#client.send(first))) return;
    // Booked with us before: its booking's half is the stream's.
    const later = { ConditionExpression: notReadSince, UpdateExpression: saying, ExpressionAttributeValues: said };
    await written(this.#client.send(new UpdateCommand({ ...update, ...later })));
  }

  async withdraw(systemId: SystemId, vehicleId: string, readAt: number): Promise<void> {
    const remove = {
      ...{ TableName: this.#table, Key: listingKey(systemId, vehicleId) },
      ConditionExpression: `${isOffered} AND (${neverBooked}) AND (${notReadSince})`,
      ExpressionAttributeValues: { ':none': 0, ':readAt': readAt },
    };
    await written(this.#client.send(new DeleteCommand(remove)));
  }
}
