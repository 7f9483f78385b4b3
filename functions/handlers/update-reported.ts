import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { updateReportSchema } from '#shared/ota/updates/update-report.ts';
import { logger, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { reportIn, ruleMessage } from '../rule-message.ts';
import { wireDirectorAsks } from '../wiring/director-asks.ts';
import { wireQuarantine } from '../wiring/quarantine.ts';
import { wireSecurityDesk } from '../wiring/security-desk.ts';
import { wireUpdateReports } from '../wiring/update-reports.ts';

const updates = wireUpdateReports();
const quarantine = wireQuarantine();
const director = wireDirectorAsks();
const security = wireSecurityDesk();

/** Vehicles say what becomes of their updates, and ask what to install. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> => perRecord(event.Records, 'messageId', takeIn),
);

async function takeIn({ body }: SQSRecord): Promise<void> {
  const message = ruleMessage(JSON.parse(body));
  const read = reportIn(message, updateReportSchema);
  if (read.kind === 'broken') return quarantine.add({ ...message, reason: `update report ${read.reason}` });
  const { vehicleId, report } = read;
  // Basic Ingest runs the one rule that it names, whatever a message says: so questions are passed on from here, to where
  // the Director's key is.
  if (report.kind === 'ask') return director.forward(body);
  const heard = await updates.hear(vehicleId, report);
  logger.info('update report', { vehicleId, campaignId: report.campaignId, kind: report.kind, heard });
  // The vehicle is the one of the topic: what it says of another one's update is of none that it has.
  if (heard === 'unknown-update') {
    return quarantine.add({ ...message, reason: 'of an update that the vehicle has not' });
  }
  if (report.kind !== 'result' || report.outcome !== 'failed' || report.attack === undefined) return;
  const { campaignId, attack, ecuId } = report;
  const refused = { vehicleId, campaignId, attack, ...(ecuId !== undefined && { ecuId }), at: message.receivedAt };
  await security.raise({ kind: 'attack-refused', toldBy: 'result', ...refused });
}
