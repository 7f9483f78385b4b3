import type { Export, ExportId } from './export.ts';

export interface ExportRepository {
  load(exportId: ExportId): Promise<Export | undefined>;
  /** Unless it is there already. */
  add(task: Export): Promise<boolean>;
  /** False when the export is no longer at the version that was seen. */
  save(task: Export, seenVersion: number): Promise<boolean>;
}
