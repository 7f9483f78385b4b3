import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '#shared/kernel/clock.ts';
import { MobilityService } from '#shared/sharing/mobility-data/mobility-service.ts';
import type { SharingDoor } from '#shared/sharing/setup/acting.ts';
import { DynamoListingRepository } from '../adapters/dynamo/listings.ts';
import { DynamoMobilityReader } from '../adapters/dynamo/mobility-reader.ts';
import { DynamoTripRepository } from '../adapters/dynamo/trips.ts';
import { keyedDigest } from '../adapters/node-crypto/keyed-digest.ts';

export interface MobilityPlace {
  readonly client: DynamoDBDocumentClient;
  readonly sharingTable: string;
  readonly tripsTable: string;
  readonly door: SharingDoor;
  readonly clock: Clock;
}

/** What the API's routes for cities call. */
export function mobilityServices({ client, sharingTable, tripsTable, door, clock }: MobilityPlace) {
  return {
    mobility: new MobilityService({
      records: new DynamoMobilityReader(client, tripsTable),
      listings: new DynamoListingRepository(client, sharingTable),
      trips: new DynamoTripRepository(client, tripsTable),
      ...{ door, digest: keyedDigest, clock },
    }),
  };
}
