import * as z from 'zod/mini';
import type { Bounds } from '../cloud-clock.ts';
import { type Host, type Log, reasonOf } from '../host.ts';
import type { Storage } from '../storage.ts';

const recordSchema = z.object({
  /** Signed or authenticated: it is not earlier. */
  floor: z.number(),
  /** The latest that was ever told to anybody, unless the cloud's time has put it right since. */
  seen: z.number(),
  /** What the wall clock was wrong by when the cloud last told the time, ms. */
  offset: z.number(),
  /** It was never set, or has gone back: whether a token has expired, nobody on board knows. */
  lost: z.boolean(),
});
type ClockRecord = z.infer<typeof recordSchema>;

const neverSet: ClockRecord = { floor: 0, seen: 0, offset: 0, lost: true };
const document = 'sharing-clock';
/** Milliseconds by which a healthy clock may be put back where somebody corrects it. */
const tolerance = 5000;
/** Milliseconds. */
const worthKeeping = 30_000;

export interface BoardTime {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly authenticated: boolean;
}

/**
 * The time on board, with or without a network. It moves only forward from the last signed or authenticated time. A wall
 * clock that went back is found out, in this life by the counter that never does, after a restart by what was kept; then
 * the time counts on from what it was, and is authenticated again by the cloud alone.
 */
export class BoardClock {
  private readonly storage: Storage;
  private readonly host: Host;
  private readonly log: Log;
  private record: ClockRecord;
  private kept: ClockRecord;
  private anchor: { readonly at: number; readonly monotonic: number };

  constructor(storage: Storage, host: Host, log: Log) {
    this.storage = storage;
    this.host = host;
    this.log = log;
    this.record = recordSchema.safeParse(storage.read(document)).data ?? neverSet;
    this.kept = this.record;
    this.anchor = { at: Math.max(this.record.seen, this.record.floor), monotonic: host.monotonic() };
  }

  now(): BoardTime {
    const wall = this.host.now() + this.record.offset;
    const monotonic = this.host.monotonic();
    const running = this.anchor.at + monotonic - this.anchor.monotonic;
    const wentBack = wall < running - tolerance && !this.record.lost;
    const at = Math.max(wall, running, this.record.floor);
    this.anchor = { at, monotonic };
    this.record = { ...this.record, seen: at, lost: this.record.lost || wentBack };
    if (wentBack) {
      this.log('the clock went back: no trip begins until the cloud has told the time');
      this.keep();
    }
    return { at: Math.round(at), authenticated: !this.record.lost };
  }

  /** The cloud has told the time. */
  authenticate({ earliest, latest }: Bounds): void {
    const floor = Math.max(this.record.floor, earliest);
    const wall = this.host.now();
    const at = Math.max(floor, Math.min(wall + this.record.offset, latest));
    this.record = { floor, seen: at, offset: at - wall, lost: false };
    this.anchor = { at, monotonic: this.host.monotonic() };
    this.keep();
  }

  /** Somebody trusted has signed that it is not earlier. That is no proof of what time it is. */
  notBefore(signedAt: number): void {
    const { at } = this.now();
    const floor = Math.max(this.record.floor, signedAt);
    // A wall clock that is slow stays so by as much.
    const behind = Math.max(0, signedAt - at);
    this.record = { ...this.record, floor, offset: this.record.offset + behind };
    if (behind > 0) this.anchor = { at: signedAt, monotonic: this.host.monotonic() };
  }

  /** So that a clock that goes back while the vehicle sleeps is found out. What went by since is not worth a write. */
  keep(): void {
    const { kept, record } = this;
    const isSame = kept.lost === record.lost && Math.abs(kept.offset - record.offset) < tolerance;
    if (isSame && record.seen - kept.seen < worthKeeping && record.seen >= kept.seen) return;
    try {
      this.storage.write(document, record);
      this.kept = record;
    } catch (error) {
      this.log(`the time is not kept: ${reasonOf(error)}`);
    }
  }
}
