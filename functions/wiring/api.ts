import { createHash, randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { OperationService } from '#shared/access/operation-service.ts';
import { AuditService } from '#shared/audit/audit-service.ts';
import { CommandService } from '#shared/commands/command-service.ts';
import { ErasureService } from '#shared/erasure/erasure-service.ts';
import { base32 } from '#shared/kernel/base32.ts';
import { EcuService } from '#shared/ota/director/ecu-service.ts';
import { EvidenceArchive } from '#shared/ota/evidence/evidence-archive.ts';
import { brandsOf } from '#shared/registry/brand.ts';
import { CertificateService } from '#shared/registry/certificate-service.ts';
import { MoveService } from '#shared/registry/move-service.ts';
import { VehicleService } from '#shared/registry/vehicle-service.ts';
import { TelemetryService } from '#shared/telemetry/telemetry-service.ts';
import { TwinService } from '#shared/twins/twin-service.ts';
import { provisionTopic, rotationTemplateName } from '#shared/vehicle-cloud/topics.ts';
import { CommandMessages } from '../adapters/channels/command-messages.ts';
import { DynamoClientBrandsRepository, DynamoOperationRepository } from '../adapters/dynamo/access.ts';
import { DynamoAuditTrail } from '../adapters/dynamo/audit.ts';
import { DynamoCommandRepository } from '../adapters/dynamo/commands.ts';
import { DynamoDirectorRecords } from '../adapters/dynamo/director-records.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoTelemetryRepository } from '../adapters/dynamo/telemetry.ts';
import { S3EvidenceFiles } from '../adapters/s3/evidence-files.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { SqsExpiryTimer } from '../adapters/sqs/expiry-timer.ts';
import type { ApiParts } from '../api/app.ts';
import { Auditing } from '../api/auditing.ts';
import { Authentication } from '../api/authentication.ts';
import { setting } from '../environment.ts';
import { campaignServices } from './campaigns.ts';
import { systemClock as clock } from './clock.ts';
import { askedMessages, askedTwins, capabilitiesOf } from './device-cloud.ts';
import { erasurePorts } from './erasure-requests.ts';
import { homesHere } from './homes.ts';
import { obstaclesIn } from './obstacles.ts';
import { wireOwnership } from './ownership.ts';
import { wireQuotas } from './quotas.ts';
import { registryPorts } from './registry.ts';
import { releaseServices } from './releases.ts';
import { wireSecurityDesk } from './security-desk.ts';
import { sharingServices } from './sharing.ts';
import { transferServices } from './transfers.ts';
import { tripServices } from './trips.ts';
import { webhookServices } from './webhooks.ts';

export function wireApi(): Pick<ApiParts, 'services' | 'authentication' | 'operations' | 'auditing' | 'quotas'> {
  const client = documentClient();
  const queues = new SQSClient({});
  const access = setting('ACCESS_TABLE');
  const brands = brandsOf(setting('BRANDS'));
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
  const trail = new DynamoAuditTrail(client, setting('AUDIT_TABLE'));
  const { quotas, standings } = wireQuotas(client);
  const sharing = sharingServices(client);
  return {
    quotas,
    services: {
      ...{ vehicles, commands, standings, brands, clock },
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
      ...sharing,
      ...tripServices(client, queues),
      ...webhookServices(client, queues, sharing.sharingDoor),
      ecus: new EcuService({
        vehicles,
        records: new DynamoDirectorRecords(client, setting('UPDATES_TABLE')),
        cryptography,
      }),
      security: wireSecurityDesk(queues),
      evidence: new EvidenceArchive(new S3EvidenceFiles(storageClient(), setting('EVIDENCE_BUCKET'))),
      erasures: new ErasureService({ vehicles, brands, clock, ...erasurePorts(client, queues) }),
    },
    authentication: new Authentication(new DynamoClientBrandsRepository(client, access), brands, clock),
    auditing: new Auditing(trail, clock),
    operations: new OperationService({ operations: new DynamoOperationRepository(client, access), clock, newId }),
  };
}

function newId(): string {
  return base32(randomBytes(13), 20);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
