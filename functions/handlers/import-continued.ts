import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { isImportId } from '#shared/transfers/import.ts';
import { observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { noteRun, runTime, taskIdIn } from '../task-run.ts';
import { wireImportRuns } from '../wiring/import-runs.ts';

const imports = wireImportRuns();

/** An import goes on: as far as one run comes. */
export const handler = observed(
  (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    perRecord(event.Records, 'messageId', async ({ body }) => {
      const importId = taskIdIn(body);
      if (!isImportId(importId)) throw new Error('A continuation names no import');
      noteRun(importId, await imports.run(importId, runTime(context)));
    }),
);
