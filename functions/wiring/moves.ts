import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { UnansweredCommands } from '#shared/commands/unanswered-commands.ts';
import { VehicleOffers } from '#shared/ota/updates/vehicle-offers.ts';
import { MoveDriver } from '#shared/registry/move-driver.ts';
import { MoveWorker } from '#shared/registry/move-worker.ts';
import { VehicleWord } from '#shared/registry/vehicle-word.ts';
import { CommandMessages } from '../adapters/channels/command-messages.ts';
import { TripOrderMessages } from '../adapters/channels/trip-order-messages.ts';
import { TwinOffers } from '../adapters/channels/twin-offers.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { DynamoCampaignRepository } from '../adapters/dynamo/campaigns.ts';
import { DynamoCommandRepository } from '../adapters/dynamo/commands.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { OfferedReleases } from '../adapters/dynamo/offered-releases.ts';
import { DynamoVehicleRepository } from '../adapters/dynamo/registry.ts';
import { DynamoReleaseRepository } from '../adapters/dynamo/releases.ts';
import { DynamoTripRepository } from '../adapters/dynamo/trips.ts';
import { DynamoUpdateRepository } from '../adapters/dynamo/updates.ts';
import { DynamoWishCopies } from '../adapters/dynamo/wish-copies.ts';
import { SqsMoveCalls } from '../adapters/sqs/move-calls.ts';
import { SqsStatementCalls } from '../adapters/sqs/statement-calls.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { deviceMessages, platformTwins, rollouts } from './device-cloud.ts';
import { homeClouds } from './home-clouds.ts';
import { obstaclesIn } from './obstacles.ts';

export function wireMoves(): { readonly moves: MoveDriver; readonly word: VehicleWord } {
  const client = documentClient();
  const registry = setting('REGISTRY_TABLE');
  const vehicles = new DynamoVehicleRepository(client, registry);
  const word = vehicleWord(client);
  const worker = new MoveWorker({
    ...{ vehicles, clouds: homeClouds(), clock },
    copies: new DynamoWishCopies(client, registry),
    unanswered: new UnansweredCommands(new DynamoCommandRepository(client, setting('COMMANDS_TABLE')), clock),
    word,
    obstacles: obstaclesIn(client),
  });
  const calls = new SqsMoveCalls(new SQSClient({}), setting('VEHICLE_MOVES_QUEUE_URL'));
  return { moves: new MoveDriver({ vehicles, worker, calls, clock }), word };
}

function vehicleWord(client: DynamoDBDocumentClient): VehicleWord {
  return new VehicleWord({
    offers: new VehicleOffers({
      updates: new DynamoUpdateRepository(client, setting('UPDATES_TABLE')),
      campaigns: new DynamoCampaignRepository(client, setting('CAMPAIGNS_TABLE')),
      releases: new OfferedReleases(new DynamoReleaseRepository(client, setting('RELEASES_TABLE'))),
      rollouts: rollouts(client),
      channel: new TwinOffers(platformTwins(client)),
    }),
    statements: new SqsStatementCalls(new SQSClient({}), setting('SHARING_STATEMENTS_QUEUE_URL')),
    trips: new DynamoTripRepository(client, setting('TRIPS_TABLE')),
    bookings: new DynamoBookingRepository(client, setting('BOOKINGS_TABLE')),
    orders: new TripOrderMessages(new CommandMessages(deviceMessages(client))),
    clock,
  });
}
