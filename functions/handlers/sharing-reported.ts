import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { sharingReportSchema } from '#shared/sharing/reports/sharing-report.ts';
import { logger, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { reportIn, ruleMessage } from '../rule-message.ts';
import { wireQuarantine } from '../wiring/quarantine.ts';

const quarantine = wireQuarantine();

/** Shared vehicles say what becomes of them: their log, their state, whom they admit. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> => perRecord(event.Records, 'messageId', takeIn),
);

async function takeIn({ body }: SQSRecord): Promise<void> {
  const message = ruleMessage(JSON.parse(body));
  const read = reportIn(message, sharingReportSchema);
  if (read.kind === 'broken') return quarantine.add({ ...message, reason: `sharing report ${read.reason}` });
  logger.info('sharing report', { vehicleId: read.vehicleId, kind: read.report.kind });
}
