import type { ImportId, UploadedFile } from './import.ts';

export type Stretch =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** It is another file than it was. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'gone' };

/** What clients upload. */
export interface ImportFiles {
  readUpload(importId: ImportId, file: UploadedFile, offset: number, length: number): Promise<Stretch>;
}

/** Pieces that are put together later. */
export interface Notes {
  writeNote(name: string, bytes: Uint8Array): Promise<void>;
  readNote(name: string): Promise<Uint8Array>;
}

/** The one author of the names of files in the bucket. */
export const fileNames = {
  upload: (importId: string) => `imports/${importId}`,
  note: (taskId: string, version: number, offset: number) => `notes/${taskId}/${version}-${offset}`,
  report: (importId: string) => `reports/${importId}.ndjson`,
  export: (exportId: string, format: string) => `exports/${exportId}.${format}`,
};

/** The import whose upload has this name. */
export function uploadNamed(name: string): string | undefined {
  return /^imports\/([^/]+)$/.exec(name)?.[1];
}
