import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { TelemetryMessage } from '#shared/telemetry/intake-service.ts';
import { logger, metrics, observed } from '../observability.ts';
import { ruleMessage } from '../rule-message.ts';
import { wireIntake } from '../wiring/intake.ts';

const intake = wireIntake();

/** Vehicles report readings. Messages of one vehicle are taken in together, each fails for itself. */
export const handler = observed(async (event: SQSEvent): Promise<SQSBatchResponse> => {
  const ids = new Map<TelemetryMessage, string>();
  const failed = event.Records.filter((record) => !understood(record, ids)).map((record) => record.messageId);
  const vehicles = new Set([...ids.keys()].map((message) => message.vehicleId));
  await Promise.all(
    [...vehicles].map(async (vehicleId) => {
      const messages = [...ids.keys()].filter((message) => message.vehicleId === vehicleId);
      for (const [message, error] of await intake.takeIn(vehicleId, messages)) {
        const record = ids.get(message) ?? '';
        logger.warn('record failed', { vehicleId, record, error: error instanceof Error ? error : String(error) });
        failed.push(record);
      }
    }),
  );
  metrics.addMetric('TelemetryMessages', 'Count', event.Records.length);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
});

function understood(record: SQSRecord, ids: Map<TelemetryMessage, string>): boolean {
  try {
    ids.set(ruleMessage(JSON.parse(record.body)), record.messageId);
    return true;
  } catch (error) {
    logger.error('not from our rule', {
      record: record.messageId,
      error: error instanceof Error ? error : String(error),
    });
    return false;
  }
}
