import { SQSClient } from '@aws-sdk/client-sqs';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import type { ApiParts } from '../api/app.ts';
import type { SharingServices } from '../api/services.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { wireDoor } from './door.ts';
import { mobilityServices } from './mobility-data.ts';
import { sharingServices } from './sharing.ts';
import { wireCare } from './sharing-care.ts';
import { tripServices } from './trips.ts';
import { webhookServices } from './webhooks.ts';

export function wireSharingApi(): Omit<ApiParts<SharingServices>, 'routes' | 'log' | 'documents'> {
  const client = documentClient();
  const queues = new SQSClient({});
  const { door, common } = wireDoor(client);
  const sharing = sharingServices(client);
  return {
    ...door,
    services: {
      ...common,
      ...sharing,
      ...tripServices(client, queues),
      ...wireCare(client, queues, sharing),
      ...webhookServices(client, queues, sharing.sharingDoor),
      ...mobilityServices({
        ...{ client, door: sharing.sharingDoor, clock },
        ...{ sharingTable: setting('SHARING_TABLE'), tripsTable: setting('TRIPS_TABLE') },
      }),
    },
  };
}
