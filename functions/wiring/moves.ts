import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { MoveService } from '#shared/registry/move-service.ts';
import { VehicleObstacles } from '#shared/registry/vehicle-obstacles.ts';
import type { VehicleService } from '#shared/registry/vehicle-service.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { DynamoUpdateRepository } from '../adapters/dynamo/updates.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { homesHere } from './homes.ts';

export function moveServices(client: DynamoDBDocumentClient, vehicles: VehicleService) {
  const homes = homesHere().names;
  return { moves: new MoveService({ vehicles, obstacles: obstaclesIn(client), homes }) };
}

function obstaclesIn(client: DynamoDBDocumentClient): VehicleObstacles {
  const updates = new DynamoUpdateRepository(client, setting('UPDATES_TABLE'));
  return new VehicleObstacles(updates, new DynamoBookingRepository(client, setting('BOOKINGS_TABLE')), clock);
}
