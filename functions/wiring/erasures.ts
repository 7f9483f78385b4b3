import { createHash } from 'node:crypto';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CareStep } from '#shared/erasure/care-step.ts';
import { ConsentStep } from '#shared/erasure/consent-step.ts';
import { ErasureWorker, type WorkerPorts } from '#shared/erasure/erasure-worker.ts';
import { LastValuesStep } from '#shared/erasure/last-values-step.ts';
import { OwnershipStep } from '#shared/erasure/ownership-step.ts';
import { PartnersStep } from '#shared/erasure/partners-step.ts';
import { RegistrationStep } from '#shared/erasure/registration-step.ts';
import { SharingStep } from '#shared/erasure/sharing-step.ts';
import { OwnershipErasureService } from '#shared/ownership/erasure-service.ts';
import { ShadowsStep, ThingStep } from '../adapters/aws-iot/erasure-steps.ts';
import { HubStep } from '../adapters/azure-iot-hub/erasure-steps.ts';
import { CognitoPersons } from '../adapters/cognito/persons.ts';
import { DynamoAuditTrail } from '../adapters/dynamo/audit.ts';
import { DynamoCareErasure } from '../adapters/dynamo/care-erasure.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { answersStep, commandsStep, HistoryStep, presenceStep, updatesStep } from '../adapters/dynamo/erasure-steps.ts';
import { DynamoErasureRepository, DynamoProofArchive } from '../adapters/dynamo/erasures.ts';
import { LedgerStep } from '../adapters/dynamo/ledger-erasure.ts';
import { DynamoOwnershipRepository } from '../adapters/dynamo/ownership.ts';
import { DynamoOwnershipErasure } from '../adapters/dynamo/ownership-erasure.ts';
import { DynamoPartnersErasure } from '../adapters/dynamo/partners-erasure.ts';
import { DynamoSharingErasure } from '../adapters/dynamo/sharing-erasure.ts';
import { DynamoTelemetryRepository } from '../adapters/dynamo/telemetry.ts';
import { DynamoUpdateRepository } from '../adapters/dynamo/updates.ts';
import { DynamoVehicleEraser } from '../adapters/dynamo/vehicle-eraser.ts';
import { BusErasureEvents } from '../adapters/event-bridge/erasure-events.ts';
import { S3PhotoStore } from '../adapters/s3/photo-store.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { SqsErasureTimer } from '../adapters/sqs/erasure-timer.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { hubQuestions, otherHomeNames } from './homes.ts';

export function wireErasures(): ErasureWorker {
  const client = documentClient();
  const audit = setting('AUDIT_TABLE');
  const trail = new DynamoAuditTrail(client, audit);
  return new ErasureWorker({
    erasures: new DynamoErasureRepository(client, setting('TASKS_TABLE')),
    proofs: new DynamoProofArchive(client, audit),
    timer: new SqsErasureTimer(new SQSClient({}), setting('ERASURE_QUEUE_URL')),
    events: new BusErasureEvents(new EventBridgeClient({}), setting('EVENT_BUS_NAME')),
    trail,
    clock,
    steps: stepsOf(client, trail),
    retention: { logDays: Number(setting('LOG_DAYS')), evidenceDays: Number(setting('EVIDENCE_DAYS')) },
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  });
}

/** In the order in which they are taken: first what lets new data in, then what is there. */
function stepsOf(client: DynamoDBDocumentClient, trail: DynamoAuditTrail): WorkerPorts['steps'] {
  const telemetryTable = setting('TELEMETRY_TABLE');
  const registryTable = setting('REGISTRY_TABLE');
  const persons = new CognitoPersons(new CognitoIdentityProviderClient({}), setting('USER_POOL_ID'));
  const lastValues = new LastValuesStep(new DynamoTelemetryRepository(client, telemetryTable));
  const history = new HistoryStep(client, telemetryTable);
  const ownership = ownershipStep(client, persons);
  const updatesTable = setting('UPDATES_TABLE');
  const sharing = new SharingStep(sharingErasure(client));
  const photos = new S3PhotoStore(storageClient(), setting('PHOTOS_BUCKET'));
  const care = new CareStep(new DynamoCareErasure(client, setting('CARE_TABLE'), photos));
  const partnerTables = { partners: setting('PARTNERS_TABLE'), trips: setting('TRIPS_TABLE') };
  const partners = new PartnersStep(new DynamoPartnersErasure(client, partnerTables));
  const ownerships = new DynamoOwnershipErasure(client, setting('OWNERSHIP_TABLE'));
  return {
    vehicle: [
      new RegistrationStep(new DynamoVehicleEraser(client, registryTable)),
      presenceStep(client, registryTable),
      ...[lastValues, history],
      updatesStep(client, updatesTable),
      sharing,
      commandsStep(client, setting('COMMANDS_TABLE'), trail),
      new ShadowsStep(new IoTDataPlaneClient({})),
      new ThingStep(new IoTClient({})),
      ...otherHomeSteps(),
      ownership,
    ],
    person: [
      persons.sessions(),
      sharing,
      new LedgerStep(client, { ledger: setting('LEDGER_TABLE'), sharing: setting('SHARING_TABLE') }),
      ...[sharing, partners, care],
      new ConsentStep(new DynamoUpdateRepository(client, updatesTable), ownerships),
      ownership,
      ...[lastValues, history],
      answersStep(client, setting('ACCESS_TABLE')),
      // Last of all: by it the person's name is found, and with it what was offered to them.
      persons.account(),
    ],
  };
}

function otherHomeSteps(): readonly HubStep[] {
  const names = otherHomeNames();
  if (names.length === 0) return [];
  const questions = hubQuestions();
  return names.flatMap((home) => [
    new HubStep(home, 'twins', questions.erasure(home)),
    new HubStep(home, 'identity', questions.erasure(home)),
  ]);
}

function ownershipStep(client: DynamoDBDocumentClient, persons: CognitoPersons): OwnershipStep {
  const table = setting('OWNERSHIP_TABLE');
  const ownerships = new DynamoOwnershipRepository(client, table);
  const erasure = new DynamoOwnershipErasure(client, table);
  const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
  return new OwnershipStep({
    ...{ ownerships, erasure, clock },
    service: new OwnershipErasureService({ ownerships, erasure, clock, digest }),
    usernameOf: (personId) => persons.usernameOf(personId),
  });
}

function sharingErasure(client: DynamoDBDocumentClient): DynamoSharingErasure {
  const [bookings, sharing, trips] = [setting('BOOKINGS_TABLE'), setting('SHARING_TABLE'), setting('TRIPS_TABLE')];
  return new DynamoSharingErasure(client, { bookings, sharing, trips });
}
