import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { updateReportSchema } from '#shared/ota/updates/update-report.ts';
import { observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { reportIn, ruleMessage } from '../rule-message.ts';
import { wireQuarantine } from '../wiring/quarantine.ts';

const quarantine = wireQuarantine();

/** Vehicles say what becomes of their updates, and ask what to install. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> =>
    perRecord(event.Records, 'messageId', async ({ body }) => {
      const message = ruleMessage(JSON.parse(body));
      const read = reportIn(message, updateReportSchema);
      if (read.kind === 'broken') await quarantine.add({ ...message, reason: `update report ${read.reason}` });
    }),
);
