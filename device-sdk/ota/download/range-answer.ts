import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import type { DownloadGrant } from '#shared/vehicle-cloud/update-envelopes.ts';
import type { ExpectedFile } from '../verification/image-check.ts';
import type { PartialFile } from './partial-file.ts';
import type { RangeAnswer } from './range-request.ts';

/** The address is of no use any more. */
export class Expired extends Error {
  readonly grant: DownloadGrant;

  constructor(grant: DownloadGrant) {
    super('the address has expired');
    this.grant = grant;
  }
}

/** The server has something else to do. */
export class Busy extends Error {
  readonly askedMs: number;

  constructor(status: number, askedMs: number) {
    super(`answered with ${status}`);
    this.askedMs = askedMs;
  }
}

interface Asked {
  readonly file: PartialFile;
  readonly expected: ExpectedFile;
  readonly grant: DownloadGrant;
}

/**
 * Makes the file ready for what the answer brings: its continuation, or the whole of it.
 *
 * @throws Expired, Busy, RefusedUpdate, or what is wrong with the answer
 */
export async function prepare({ status, headers }: RangeAnswer, { file, expected, grant }: Asked): Promise<void> {
  const tag = strong(headers['etag']);
  if (status === 401 || status === 403 || status === 410) throw new Expired(grant);
  if (status === 416) {
    await file.reset();
    throw new Error('what is there is longer than the source');
  }
  if (status === 429 || status >= 500) throw new Busy(status, retryAfter(headers['retry-after']));
  if (status !== 200 && status !== 206) throw new Error(`answered with ${status}`);
  if (status === 200) {
    if (file.length > 0) await file.reset();
    requireLength(Number(headers['content-length'] ?? expected.length), expected);
  } else {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
    const isOther = tag !== undefined && file.source !== undefined && tag !== file.source;
    if (isOther || Number(start) !== file.length) {
      await file.reset();
      throw new Error('the source has changed');
    }
    requireLength(Number(total), expected);
  }
  file.from(tag);
}

function requireLength(length: number, { path, length: signed }: ExpectedFile): void {
  if (length > signed) throw new RefusedUpdate('endless-data', `${path} has ${length} bytes, ${signed} are signed`);
  if (length !== signed) throw new RefusedUpdate('wrong-hash', `${path} has ${length} bytes, ${signed} are signed`);
}

/** RFC 9110, 13.1.5: a weak tag says nothing about bytes. */
function strong(tag: string | undefined): string | undefined {
  return tag?.startsWith('W/') === true ? undefined : tag;
}

/** Seconds, or a date that only the server's clock understands. */
function retryAfter(value: string | undefined): number {
  const seconds = Number(value);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}
