import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { AuditService } from '#shared/audit/audit-service.ts';
import { CommandService } from '#shared/commands/command-service.ts';
import { ErasureService } from '#shared/erasure/erasure-service.ts';
import { EcuService } from '#shared/ota/director/ecu-service.ts';
import { EvidenceArchive } from '#shared/ota/evidence/evidence-archive.ts';
import { CertificateService } from '#shared/registry/certificate-service.ts';
import { MoveService } from '#shared/registry/move-service.ts';
import { VehicleService } from '#shared/registry/vehicle-service.ts';
import { TelemetryService } from '#shared/telemetry/telemetry-service.ts';
import { TwinService } from '#shared/twins/twin-service.ts';
import { provisionTopic, rotationTemplateName } from '#shared/vehicle-cloud/topics.ts';
import { CommandMessages } from '../adapters/channels/command-messages.ts';
import { DynamoCommandRepository } from '../adapters/dynamo/commands.ts';
import { DynamoDirectorRecords } from '../adapters/dynamo/director-records.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoTelemetryRepository } from '../adapters/dynamo/telemetry.ts';
import { S3EvidenceFiles } from '../adapters/s3/evidence-files.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { SqsExpiryTimer } from '../adapters/sqs/expiry-timer.ts';
import type { ApiParts } from '../api/app.ts';
import type { VehicleServices } from '../api/services.ts';
import { setting } from '../environment.ts';
import { campaignServices } from './campaigns.ts';
import { systemClock as clock } from './clock.ts';
import { askedMessages, askedTwins, capabilitiesOf } from './device-cloud.ts';
import { wireDoor } from './door.ts';
import { erasurePorts } from './erasure-requests.ts';
import { homesHere } from './homes.ts';
import { obstaclesIn } from './obstacles.ts';
import { wireOwnership } from './ownership.ts';
import { registryPorts } from './registry.ts';
import { releaseServices } from './releases.ts';
import { wireSecurityDesk } from './security-desk.ts';
import { transferServices } from './transfers.ts';

export function wireApi(): Omit<ApiParts<VehicleServices>, 'routes' | 'log' | 'documents'> {
  const client = documentClient();
  const queues = new SQSClient({});
  const { door, standings, trail, common } = wireDoor(client);
  const { brands } = common;
  const homes = homesHere();
  const vehicles = new VehicleService({ ...registryPorts(client), homes });
  const commands = new CommandService({
    vehicles,
    commands: new DynamoCommandRepository(client, setting('COMMANDS_TABLE')),
    channel: new CommandMessages(askedMessages(client)),
    timer: new SqsExpiryTimer(queues, setting('COMMAND_EXPIRY_QUEUE_URL')),
    clock,
    pause: (ms) => setTimeout(ms),
  });
  const twins = askedTwins(client);
  const telemetry = new DynamoTelemetryRepository(client, setting('TELEMETRY_TABLE'));
  return {
    ...door,
    services: {
      ...common,
      ...{ vehicles, commands, standings },
      ...transferServices(client, queues),
      certificates: new CertificateService({
        ...{ vehicles, twins, capabilitiesOf },
        rotationTopic: provisionTopic(rotationTemplateName(setting('STAGE'))),
      }),
      twins: new TwinService({ vehicles, twins, digest }),
      telemetry: new TelemetryService({ vehicles, telemetry }),
      audit: new AuditService({ vehicles, archive: trail, brands }),
      moves: new MoveService({ vehicles, homes: homes.names, obstacles: obstaclesIn(client) }),
      ...wireOwnership(client),
      ...campaignServices(client, queues),
      ...releaseServices(client),
      ecus: new EcuService({
        vehicles,
        records: new DynamoDirectorRecords(client, setting('UPDATES_TABLE')),
        cryptography,
      }),
      security: wireSecurityDesk(queues),
      evidence: new EvidenceArchive(new S3EvidenceFiles(storageClient(), setting('EVIDENCE_BUCKET'))),
      erasures: new ErasureService({ vehicles, brands, clock, ...erasurePorts(client, queues) }),
    },
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
