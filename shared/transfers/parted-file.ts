/** A file on its way to storage, part by part (S3: at least 5 MiB a part but the last, 10,000 parts). */
export interface PartedFile {
  /** Absent until there is more than one part. */
  readonly uploadId?: string;
  /** What storage answered to each part, in their order. */
  readonly parts: readonly string[];
}

/** Bytes of a part. */
export const partSize = 8 * 1024 ** 2;

/** Where files are written. Every call may be repeated: the same name or number, the later content. */
export interface FileStorage {
  put(name: string, bytes: Uint8Array): Promise<void>;
  begin(name: string): Promise<string>;
  /** @param number from 1 on. @returns what completing asks for */
  addPart(name: string, uploadId: string, number: number, bytes: Uint8Array): Promise<string>;
  /** Also when it was completed before. */
  complete(name: string, uploadId: string, parts: readonly string[]): Promise<void>;
}

/** Adds one more part. The upload is begun with the first; what comes of it has to be kept before the next. */
export async function withPart(
  storage: FileStorage,
  name: string,
  file: PartedFile,
  bytes: Uint8Array,
): Promise<PartedFile> {
  const uploadId = file.uploadId ?? (await storage.begin(name));
  const part = await storage.addPart(name, uploadId, file.parts.length + 1, bytes);
  return { uploadId, parts: [...file.parts, part] };
}

/** Makes the file whole with what is left; a small one is written in one go. */
export async function completed(storage: FileStorage, name: string, file: PartedFile, rest: Uint8Array): Promise<void> {
  if (file.uploadId === undefined) return storage.put(name, rest);
  const { uploadId, parts } = rest.length === 0 ? file : await withPart(storage, name, file, rest);
  if (uploadId !== undefined) await storage.complete(name, uploadId, parts);
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
