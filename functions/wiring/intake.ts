import { IntakeService } from '#shared/telemetry/intake-service.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoTelemetryRepository } from '../adapters/dynamo/telemetry.ts';
import { setting } from '../environment.ts';
import { systemClock } from './clock.ts';
import { wireQuarantine } from './quarantine.ts';

const day = 24 * 3_600_000;

export function wireIntake(): IntakeService {
  return new IntakeService({
    telemetry: new DynamoTelemetryRepository(documentClient(), setting('TELEMETRY_TABLE')),
    quarantine: wireQuarantine(),
    clock: systemClock,
    keptFor: Number(setting('HISTORY_DAYS')) * day,
  });
}
