import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { isExportId } from '#shared/transfers/export.ts';
import { observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { noteRun, runTime, taskIdIn } from '../task-run.ts';
import { wireExportRuns } from '../wiring/export-runs.ts';

const exportRuns = wireExportRuns();

/** An export goes on: as far as one run comes. */
export const handler = observed(
  (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    perRecord(event.Records, 'messageId', async ({ body }) => {
      const exportId = taskIdIn(body);
      if (!isExportId(exportId)) throw new Error('A continuation names no export');
      noteRun(exportId, await exportRuns.run(exportId, runTime(context)));
    }),
);
