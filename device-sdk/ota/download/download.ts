import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import type { DownloadGrant } from '#shared/vehicle-cloud/update-envelopes.ts';
import { type Host, type Log, reasonOf } from '../../host.ts';
import type { ExpectedFile } from '../verification/image-check.ts';
import { type MinimumPace, minimumPace, RetrievalPace } from '../verification/retrieval-pace.ts';
import { PartialFile } from './partial-file.ts';
import { pause } from './pause.ts';
import { Busy, Expired, prepare } from './range-answer.ts';
import type { RangeRequest } from './range-request.ts';
import type { RateLimit } from './rate-limit.ts';
import { retryPause } from './retry-pause.ts';

export interface DownloadParts {
  readonly request: RangeRequest;
  /** What may be read now. `expired`: one that is of no use any more; another one is asked for. */
  readonly grant: (expired?: DownloadGrant) => Promise<DownloadGrant>;
  readonly host: Pick<Host, 'after' | 'monotonic'>;
  readonly log: Log;
  /** 0 … 1 */
  readonly random?: () => number;
  readonly limit?: RateLimit;
  readonly pace?: MinimumPace;
  /** How many bytes are there. */
  readonly arrived?: (bytes: number) => void;
}

/** How often a file may come complete and wrong, or too slowly, before that is no accident. */
const wrongTimes = 3;
const slowTimes = 10;

/** The room on the disk is gone. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom';
}

/**
 * Reads a file into `path`, from where an earlier attempt, or life, had come to; goes on over broken lines, expired
 * addresses and busy servers until it is there or the signal ends it.
 *
 * @throws RefusedUpdate where what comes is not what was signed, time and again
 * @throws NoRoom
 * @throws the signal's reason
 */
export async function download(
  expected: ExpectedFile,
  path: string,
  parts: DownloadParts,
  signal: AbortSignal,
): Promise<void> {
  const file = await PartialFile.open(path, expected);
  const attempts = new Attempts(expected, file, parts, signal);
  try {
    for (;;) {
      try {
        if (!file.isWhole) await attempts.stretch();
        return await file.finish();
      } catch (error) {
        signal.throwIfAborted();
        await attempts.recover(error);
      }
    }
  } catch (error) {
    await file.close();
    throw error;
  }
}

class Attempts {
  private readonly expected: ExpectedFile;
  private readonly file: PartialFile;
  private readonly parts: DownloadParts;
  private readonly signal: AbortSignal;
  private failures = 0;
  private wrong = 0;
  private slow = 0;
  private expired: DownloadGrant | undefined;

  constructor(expected: ExpectedFile, file: PartialFile, parts: DownloadParts, signal: AbortSignal) {
    this.expected = expected;
    this.file = file;
    this.parts = parts;
    this.signal = signal;
  }

  /** One request, as far as it comes. */
  async stretch(): Promise<void> {
    const { file, expected, parts } = this;
    const grant = await parts.grant(this.expired);
    const stop = new AbortController();
    const ended = () => stop.abort(this.signal.reason);
    this.signal.addEventListener('abort', ended, { once: true });
    const silence = new Silence(stop, parts);
    try {
      this.signal.throwIfAborted();
      const answer = await parts.request(addressOf(grant, expected.path), {
        headers: this.headers(),
        signal: stop.signal,
      });
      await prepare(answer, { file, expected, grant });
      const pace = new RetrievalPace(parts.host.monotonic(), parts.pace ?? minimumPace);
      for await (const bytes of answer.body) {
        silence.broken();
        await file.append(bytes);
        this.failures = 0;
        this.expired = undefined;
        parts.arrived?.(file.length);
        pace.arrived(bytes.length, parts.host.monotonic());
        await parts.limit?.passed(bytes.length, stop.signal);
      }
      if (!file.isWhole) throw new Error(`the line broke after ${file.length} bytes`);
    } finally {
      this.signal.removeEventListener('abort', ended);
      silence.end();
      // An answer that is left half read holds its connection.
      stop.abort();
    }
  }

  /** Makes the next attempt possible, or gives up. */
  async recover(error: unknown): Promise<void> {
    const { file, parts, signal } = this;
    if (isFull(error)) throw new NoRoom(reasonOf(error), { cause: error });
    parts.log(`download of ${this.expected.path}: ${reasonOf(error)}`);
    if (error instanceof RefusedUpdate) await this.recoverFrom(error);
    this.failures += 1;
    if (error instanceof Expired) {
      this.expired = error.grant;
      // The first time at once: that an address expires is no trouble.
      if (this.failures === 1) return;
    }
    const asked = error instanceof Busy ? error.askedMs : 0;
    await pause(retryPause(this.failures, (parts.random ?? Math.random)(), asked), signal, parts.host);
    parts.arrived?.(file.length);
  }

  private async recoverFrom(refused: RefusedUpdate): Promise<void> {
    if (refused.attack === 'slow-retrieval') {
      this.slow += 1;
      if (this.slow === slowTimes) throw refused;
      return;
    }
    this.wrong += 1;
    if (this.wrong === wrongTimes) throw refused;
    await this.file.reset();
  }

  private headers(): Record<string, string> {
    const { file } = this;
    return {
      ...(file.length > 0 && { range: `bytes=${file.length}-` }),
      // Where the source has changed, the whole of the new one comes.
      ...(file.length > 0 && file.source !== undefined && { 'if-range': file.source }),
      // A copy on the way that has a wrong byte would give it again.
      ...(this.wrong > 0 && { 'cache-control': 'no-cache' }),
    };
  }
}

/** Ends a request on which nothing comes: that is no attack but a tunnel. */
class Silence {
  private readonly stop: AbortController;
  private readonly parts: DownloadParts;
  private cancel = () => {};

  constructor(stop: AbortController, parts: DownloadParts) {
    this.stop = stop;
    this.parts = parts;
    this.broken();
  }

  broken(): void {
    this.cancel();
    const { windowMs } = this.parts.pace ?? minimumPace;
    this.cancel = this.parts.host.after(windowMs, () => this.stop.abort(new Error(`nothing came for ${windowMs} ms`)));
  }

  end(): void {
    this.cancel();
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

function addressOf({ baseUrl, query }: DownloadGrant, path: string): string {
  return query === '' ? `${baseUrl}${path}` : `${baseUrl}${path}?${query}`;
}
