import { type Bounds, CloudClock } from './cloud-clock.ts';
import { type Host, type Log, reasonOf } from './host.ts';
import type { ShadowRequests } from './shadow.ts';

/** Cloud time less certain than this (ms) is asked for again before anything is judged by it. */
const coarse = 5000;
/** Milliseconds that a question for the time may take. */
const patience = 3000;
/** The twin that is asked when no other has told the time. */
export const clockTwin = 'clock';

/** The cloud's time, as the answers of the shadow service tell it in passing, or asked for where they have not. */
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

  /** Undefined where the time cannot be had. @param anew asks the cloud although the time is known: it may be wrong */
  async bounds(requests: ShadowRequests, anew = false): Promise<Bounds | undefined> {
    const known = this.clock.now(this.host.monotonic());
    if (!anew && known !== undefined && known.latest - known.earliest <= coarse) return known;
    this.asking ??= this.ask(requests);
    await this.asking;
    return this.clock.now(this.host.monotonic());
  }

  private async ask(requests: ShadowRequests): Promise<void> {
    try {
      const answer = await requests.ask(clockTwin, 'get', {}, patience);
      // A twin that does not exist answers without the time; an empty report makes it exist.
      if (answer.kind === 'rejected') await requests.ask(clockTwin, 'update', { state: { reported: {} } }, patience);
    } catch (error) {
      this.log(`the cloud's time: ${reasonOf(error)}`);
    } finally {
      this.asking = undefined;
    }
  }
}
