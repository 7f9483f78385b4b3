import { createHash, randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { SQSClient } from '@aws-sdk/client-sqs';
import { OperationService } from '#shared/access/operation-service.ts';
import { CommandService } from '#shared/commands/command-service.ts';
import { ReplyService } from '#shared/commands/reply-service.ts';
import { base32 } from '#shared/kernel/base32.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { brandsOf } from '#shared/registry/brand.ts';
import { ConsequenceService } from '#shared/registry/consequence-service.ts';
import { FleetService } from '#shared/registry/fleet-service.ts';
import { VehicleService } from '#shared/registry/vehicle-service.ts';
import { IntakeService } from '#shared/telemetry/intake-service.ts';
import { TelemetryService } from '#shared/telemetry/telemetry-service.ts';
import { TwinService } from '#shared/twins/twin-service.ts';
import { ruleNames } from '#shared/vehicle-cloud/topics.ts';
import { AwsIotDeviceAccess } from './adapters/aws-iot/device-access.ts';
import { MqttCommandChannel } from './adapters/aws-iot/mqtt-command-channel.ts';
import { ShadowTwinRepository } from './adapters/aws-iot/shadow-twins.ts';
import { DynamoClientBrandsRepository, DynamoOperationRepository } from './adapters/dynamo/access.ts';
import { DynamoCommandRepository } from './adapters/dynamo/commands.ts';
import { documentClient } from './adapters/dynamo/document-client.ts';
import { DynamoInventoryRepository } from './adapters/dynamo/inventory.ts';
import { DynamoPresenceRepository } from './adapters/dynamo/presence.ts';
import { DynamoVehicleRepository } from './adapters/dynamo/registry.ts';
import { DynamoTelemetryRepository } from './adapters/dynamo/telemetry.ts';
import { BusDomainEvents } from './adapters/event-bridge/domain-events.ts';
import { SqsExpiryTimer } from './adapters/sqs/expiry-timer.ts';
import { SqsQuarantine } from './adapters/sqs/quarantine.ts';
import { Authentication } from './api/authentication.ts';
import type { Services } from './api/services.ts';
import { setting } from './environment.ts';

// Each function calls the one that wires it, once a cold start; the bundler leaves the others out.

const clock: Clock = { now: () => Date.now() };
const day = 24 * 3_600_000;

function newId(): string {
  return base32(randomBytes(13), 20);
}

function registry() {
  const client = documentClient();
  const table = setting('REGISTRY_TABLE');
  return {
    vehicles: new DynamoVehicleRepository(client, table),
    presences: new DynamoPresenceRepository(client, table),
    inventories: new DynamoInventoryRepository(client, table),
    clock,
  };
}

export function wireFleet(): FleetService {
  return new FleetService(registry());
}

export function wireQuarantine(): SqsQuarantine {
  return new SqsQuarantine(new SQSClient({}), setting('QUARANTINE_QUEUE_URL'));
}

export function wireIntake(): IntakeService {
  return new IntakeService({
    telemetry: new DynamoTelemetryRepository(documentClient(), setting('TELEMETRY_TABLE')),
    quarantine: wireQuarantine(),
    keptFor: Number(setting('HISTORY_DAYS')) * day,
  });
}

export function wireReplies(): ReplyService {
  return new ReplyService(new DynamoCommandRepository(documentClient(), setting('COMMANDS_TABLE')), clock);
}

export function wireConsequences(): ConsequenceService {
  const access = new AwsIotDeviceAccess(new IoTClient({}), new IoTDataPlaneClient({}));
  return new ConsequenceService(access, new BusDomainEvents(new EventBridgeClient({}), setting('EVENT_BUS_NAME')));
}

export interface Api {
  readonly services: Services;
  readonly authentication: Authentication;
  readonly operations: OperationService;
}

export function wireApi(): Api {
  const client = documentClient();
  const devices = new IoTDataPlaneClient({});
  const brands = brandsOf(setting('BRANDS'));
  const vehicles = new VehicleService(registry());
  const access = setting('ACCESS_TABLE');
  const commands = new CommandService({
    vehicles,
    commands: new DynamoCommandRepository(client, setting('COMMANDS_TABLE')),
    channel: new MqttCommandChannel(devices, ruleNames(setting('STAGE'))),
    timer: new SqsExpiryTimer(new SQSClient({}), setting('COMMAND_EXPIRY_QUEUE_URL')),
    clock,
    pause: (ms) => setTimeout(ms),
  });
  const telemetry = new DynamoTelemetryRepository(client, setting('TELEMETRY_TABLE'));
  const digest = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22);
  return {
    services: {
      ...{ vehicles, commands, brands, clock },
      twins: new TwinService({ vehicles, twins: new ShadowTwinRepository(devices), digest }),
      telemetry: new TelemetryService({ vehicles, telemetry }),
    },
    authentication: new Authentication(new DynamoClientBrandsRepository(client, access), brands, clock),
    operations: new OperationService({ operations: new DynamoOperationRepository(client, access), clock, newId }),
  };
}
