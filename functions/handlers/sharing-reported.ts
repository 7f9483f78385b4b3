import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { sharingReportSchema } from '#shared/sharing/reports/sharing-report.ts';
import { logger, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { reportIn, ruleMessage } from '../rule-message.ts';
import { wireQuarantine } from '../wiring/quarantine.ts';
import { wireSecurityDesk } from '../wiring/security-desk.ts';
import { wireSharingReports } from '../wiring/sharing-reports.ts';

const quarantine = wireQuarantine();
const reports = wireSharingReports(quarantine, wireSecurityDesk());

/** Shared vehicles say what becomes of them: their log, their state, whom they admit. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> => perRecord(event.Records, 'messageId', takeIn),
);

async function takeIn({ body }: SQSRecord): Promise<void> {
  const message = ruleMessage(JSON.parse(body));
  const read = reportIn(message, sharingReportSchema);
  if (read.kind === 'broken') return quarantine.add({ ...message, reason: `sharing report ${read.reason}` });
  const { vehicleId, report } = read;
  const heard = await reports.hear(vehicleId, report);
  logger.info('sharing report', { vehicleId, kind: report.kind, heard });
  if (heard === 'not-shared') return quarantine.add({ ...message, reason: 'of a vehicle in no sharing service' });
  if (heard === 'other-log-key') return quarantine.add({ ...message, reason: 'another key for its log' });
}
