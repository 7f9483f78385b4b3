import { homeTwin } from '#shared/vehicle-cloud/home-notice.ts';
import { epochOf, type Identity } from '../certification.ts';
import type { Bounds } from '../cloud-clock.ts';
import { type Cancel, type Host, type Log, reasonOf } from '../host.ts';
import type { Clouds } from './clouds.ts';
import type { Conversations } from './conversations.ts';
import type { HomeMemory } from './home-memory.ts';
import { toldBy } from './notice.ts';

export interface DepartureParts {
  readonly memory: HomeMemory;
  readonly clouds: Clouds;
  /** Who the vehicle is on its present line. */
  readonly identity: () => Identity | undefined;
  readonly cloud: Conversations;
  /** The present home's time, asked for where it is not known yet; undefined when it cannot be had. */
  readonly cloudTime: () => Promise<Bounds | undefined>;
  /** Whether the vehicle must stay where it is now; whoever knows when that ends calls `wake`. */
  readonly mustStay: () => boolean;
  /** Dials anew as this one. */
  readonly become: (identity: Identity) => Promise<void>;
  readonly host: Host;
  readonly log: Log;
}

/** Milliseconds before a home that did not let the vehicle in is tried again: doubled each time. */
const firstPause = 30_000;
const longestPause = 3_600_000;
/** Milliseconds before a question without an answer is asked again. */
const askAgain = 10_000;

/**
 * Goes where the home of the vehicle sends it. What decides is what the home says at the moment of leaving: until then the
 * move may have been taken back. In doubt the vehicle stays where it is.
 */
export class Departure {
  private readonly parts: DepartureParts;
  private online = false;
  /** Something was said, or may have been, that has not been followed or found to be nothing. */
  private open = false;
  /** Rises with all that is said, so that a question knows whether its answer is old. */
  private news = 0;
  private considering = false;
  private again: Cancel = () => {};
  private tried: { readonly epoch: number; readonly pause: number; readonly notBefore: number } | undefined;

  constructor(parts: DepartureParts) {
    this.parts = parts;
  }

  /** The home has said something; what, it is asked. */
  told(): void {
    this.open = true;
    this.news += 1;
    this.wake();
  }

  async connected(): Promise<void> {
    this.online = true;
    const { identity, memory, cloud, cloudTime } = this.parts;
    const present = identity();
    this.told();
    if (present === undefined) return;
    await cloud.tellCertificate(homeTwin);
    const time = memory.isMoving() ? await cloudTime() : undefined;
    if (time !== undefined && identity() === present && this.online) memory.settled(present, time.earliest);
  }

  disconnected(): void {
    this.online = false;
    this.again();
  }

  /** What kept the vehicle may be over. */
  wake(): void {
    if (!this.open || !this.online || this.considering || this.isKept()) return;
    this.considering = true;
    const { news } = this;
    this.consider()
      .catch((error) => {
        if (!this.online) return;
        this.parts.log(`where the vehicle is at home: ${reasonOf(error)}`);
        this.later(askAgain);
      })
      .finally(() => {
        this.considering = false;
        if (news !== this.news) this.wake();
      });
  }

  private async consider(): Promise<void> {
    const { identity, cloud, clouds, memory, log, host } = this.parts;
    const present = identity();
    this.open = false;
    const answer = await cloud.twins.get(homeTwin);
    if (present === undefined || identity() !== present || !this.online) return this.stillOpen();
    if (answer.kind === 'rejected' && answer.code !== 404) throw new Error(`${answer.code} ${answer.message}`);
    const told = toldBy(answer.kind === 'rejected' ? {} : answer.view.delta, present, clouds);
    if (told.kind === 'stay') return memory.stays(present);
    if (told.kind === 'junk') return log(`a notice of another home that cannot be followed: ${told.reason}`);
    const wait = this.pauseFor(told.target) - host.monotonic();
    if (wait > 0) this.later(wait);
    if (wait > 0 || this.isKept()) return this.stillOpen();
    memory.leaving(present, told.target);
    this.note(told.target);
    log(`the vehicle is sent to ${told.target.home?.name}`);
    await this.parts.become(told.target);
  }

  private isKept(): boolean {
    const rotating = this.parts.cloud.rotation?.underway;
    void rotating?.then(() => this.wake());
    return rotating !== undefined || this.parts.mustStay();
  }

  private stillOpen(): void {
    this.open = true;
  }

  /** Monotonic. */
  private pauseFor(target: Identity): number {
    return this.tried?.epoch === epochOf(target) ? this.tried.notBefore : Number.NEGATIVE_INFINITY;
  }

  private note(target: Identity): void {
    const epoch = epochOf(target);
    const former = this.tried?.epoch === epoch ? this.tried.pause : firstPause / 2;
    const pause = Math.min(former * 2, longestPause);
    this.tried = { epoch, pause, notBefore: this.parts.host.monotonic() + pause };
  }

  private later(ms: number): void {
    this.open = true;
    this.again();
    this.again = this.parts.host.after(ms, () => this.wake());
  }
}
