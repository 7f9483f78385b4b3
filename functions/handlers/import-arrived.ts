import * as z from 'zod/mini';
import { isImportId } from '#shared/transfers/import.ts';
import { uploadNamed } from '#shared/transfers/import-files.ts';
import { logger, observed } from '../observability.ts';
import { wireArrivals } from '../wiring/arrivals.ts';

const arrivals = wireArrivals();

/** Amazon S3 user guide, "EventBridge event message structure": Object Created. */
const objectCreated = z.object({
  detail: z.object({ object: z.object({ key: z.string(), size: z.number(), etag: z.string() }) }),
});

/** A file was uploaded for an import. */
export const handler = observed(async (event: unknown) => {
  const { key, size, etag } = objectCreated.parse(event).detail.object;
  const importId = uploadNamed(key) ?? '';
  if (!isImportId(importId)) return logger.warn('upload of a file that nobody asked for');
  const task = await arrivals.arrived(importId, { tag: etag, bytes: size });
  if (task === undefined) return logger.warn('upload for an import that is not there', { importId });
  logger.info('import arrived', { importId, bytes: size, status: task.state.status });
});
