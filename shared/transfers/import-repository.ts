import type { Import, ImportId } from './import.ts';

export interface ImportRepository {
  load(importId: ImportId): Promise<Import | undefined>;
  /** Unless it is there already. */
  add(task: Import): Promise<boolean>;
  /** False when the import is no longer at the version that was seen. */
  save(task: Import, seenVersion: number): Promise<boolean>;
}
