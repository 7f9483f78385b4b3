import * as z from 'zod/mini';
import type { ExportId } from '#shared/transfers/export.ts';
import type { ImportId } from '#shared/transfers/import.ts';

/** The keys of imports and exports in the Tasks table. */
export const taskKeys = {
  import: (importId: ImportId) => ({ pk: `import#${importId}`, sk: 'task' }),
  export: (exportId: ExportId) => ({ pk: `export#${exportId}`, sk: 'task' }),
};

/** As long as the bucket keeps reports. */
export const taskMemory = 30 * 24 * 3_600_000;

export const leaseValue = z.object({ until: z.number(), attempts: z.number() });

export const partedFileValue = z.object({ uploadId: z.exactOptional(z.string()), parts: z.array(z.string()) });
