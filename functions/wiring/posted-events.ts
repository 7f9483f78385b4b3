import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { HomeAdmissionService } from '#shared/registry/home-admission.ts';
import { PostedEventService } from '#shared/vehicle-cloud/posted-event-service.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoPostedSignatures } from '../adapters/dynamo/posted-signatures.ts';
import { DynamoVehicleHomes } from '../adapters/dynamo/vehicle-homes.ts';
import { AwsEventRoads } from '../adapters/homes/event-roads.ts';
import { SqsMoveCalls } from '../adapters/sqs/move-calls.ts';
import { offeredCertificate } from '../device-certificate.ts';
import { setting } from '../environment.ts';
import { postKeysIn } from '../post-signature.ts';
import type { DoorParts } from '../posted-door.ts';
import { systemClock as clock } from './clock.ts';
import { wireFleet } from './fleet.ts';
import { wireQuarantine } from './quarantine.ts';
import { registryPorts } from './registry.ts';

export function wirePostedEvents(refused: DoorParts['refused']) {
  const client = documentClient();
  const service = new PostedEventService({
    homes: new DynamoVehicleHomes(client, setting('REGISTRY_TABLE')),
    roads: new AwsEventRoads(new SQSClient({}), new LambdaClient({}), setting('EVENT_ROADS')),
    quarantine: wireQuarantine(),
    clock,
  });
  const { vehicles } = registryPorts(client);
  const admissions = new HomeAdmissionService({
    ...{ fleet: wireFleet(), vehicles, certificateIn: offeredCertificate },
    words: new SqsMoveCalls(new SQSClient({}), setting('VEHICLE_MOVES_QUEUE_URL')),
  });
  const signatures = new DynamoPostedSignatures(client, setting('ACCESS_TABLE'));
  return { service, admissions, door: { keys: postKeysIn(setting('DEVICE_EVENT_KEYS')), signatures, refused } };
}
