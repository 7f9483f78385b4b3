import { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import { FleetWatch } from '#shared/sharing/field/fleet-watch.ts';
import { TaskDesk } from '#shared/sharing/field/task-service.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoFigureBook } from '../adapters/dynamo/field-figures.ts';
import { DynamoTaskRepository } from '../adapters/dynamo/field-tasks.ts';
import { DynamoListingRepository } from '../adapters/dynamo/listings.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';

export function wireFieldChanges(): FleetWatch {
  const client = documentClient();
  const [sharing, field] = [setting('SHARING_TABLE'), setting('FIELD_TABLE')];
  return new FleetWatch({
    book: new DynamoFigureBook(client, field),
    tasks: new TaskDesk({ tasks: new DynamoTaskRepository(client, field), clock }),
    setup: new DynamoSharingSetup(client, sharing),
    listings: new DynamoListingRepository(client, sharing),
    bookings: new BookingService({ bookings: new DynamoBookingRepository(client, setting('BOOKINGS_TABLE')), clock }),
    clock,
  });
}
