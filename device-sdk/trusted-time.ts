import { type Bounds, CloudClock } from './cloud-clock.ts';
import { type Host, type Log, reasonOf } from './host.ts';

/** Cloud time less certain than this (ms) is asked for again before anything is judged by it. */
const coarse = 5000;

/** The cloud's time, as its answers tell it in passing, or asked for where they have not. */
export class TrustedTime {
  readonly clock = new CloudClock();
  private readonly host: Host;
  private readonly log: Log;
  private asking: Promise<void> | undefined;

  constructor(host: Host, log: Log) {
    this.host = host;
    this.log = log;
  }

  /** The own wall clock, corrected by what is certain of the cloud's; ms since the Unix epoch. */
  now(): number {
    return this.clock.corrected(this.host.now(), this.host.monotonic());
  }

  /**
   * Undefined where the time cannot be had.
   *
   * @param ask has the cloud tell the time to `clock`
   * @param anew asks the cloud although the time is known: it may be wrong
   */
  async bounds(ask: () => Promise<void>, anew = false): Promise<Bounds | undefined> {
    const known = this.clock.now(this.host.monotonic());
    if (!anew && known !== undefined && known.latest - known.earliest <= coarse) return known;
    this.asking ??= this.answered(ask);
    await this.asking;
    return this.clock.now(this.host.monotonic());
  }

  private async answered(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      this.log(`the cloud's time: ${reasonOf(error)}`);
    } finally {
      this.asking = undefined;
    }
  }
}
