import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { VehicleObstacles } from '#shared/registry/vehicle-obstacles.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { DynamoUpdateRepository } from '../adapters/dynamo/updates.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';

export function obstaclesIn(client: DynamoDBDocumentClient): VehicleObstacles {
  const updates = new DynamoUpdateRepository(client, setting('UPDATES_TABLE'));
  return new VehicleObstacles(updates, new DynamoBookingRepository(client, setting('BOOKINGS_TABLE')), clock);
}
