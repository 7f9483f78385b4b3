import { MovableClock } from '#local/clock.ts';

export const minute = 60_000;

/** The time of a story: it stands still between leaps, as far as anybody here notices. */
export class StoryTime {
  readonly clock = new MovableClock();
  #nudgedAt = 0;

  now(): number {
    return this.clock.now();
  }

  passes(ms: number): void {
    this.clock.runAhead(this.clock.ahead + ms);
  }

  /** For whoever waits: what was under way when time leapt is told again minutes later. However many wait, it goes on slowly. */
  nudge(ms = minute): void {
    if (performance.now() - this.#nudgedAt < 500) return;
    this.#nudgedAt = performance.now();
    this.passes(ms);
  }
}
