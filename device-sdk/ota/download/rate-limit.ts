import type { Host } from '../../host.ts';
import { pause } from './pause.ts';

/** Shorter waits than this (ms) are saved up: timers are coarse. */
const worthwhile = 50;

/** Lets no more than so many bytes a second pass, on average; a download in the background leaves room for others. */
export class RateLimit {
  private readonly bytesPerSecond: number;
  private readonly host: Pick<Host, 'after' | 'monotonic'>;
  private nextAt = 0;

  constructor(bytesPerSecond: number, host: Pick<Host, 'after' | 'monotonic'>) {
    this.bytesPerSecond = bytesPerSecond;
    this.host = host;
  }

  /** Resolves when the next bytes may be taken. */
  async passed(bytes: number, signal: AbortSignal): Promise<void> {
    const now = this.host.monotonic();
    this.nextAt = Math.max(this.nextAt, now - worthwhile) + (bytes * 1000) / this.bytesPerSecond;
    if (this.nextAt - now > worthwhile) await pause(this.nextAt - now, signal, this.host);
  }
}
