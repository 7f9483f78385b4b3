/** How a quota was used. */
export interface QuotaUse {
  /** A second. */
  readonly quota: number;
  /** The most that was wanted in one second. */
  readonly peak: number;
  /** Seconds that somebody had to wait for it, at the most. */
  readonly longestWait: number;
  readonly total: number;
}

/** One quota of the cloud: what is above it waits its turn, first come, first served. */
export class QuotaGauge {
  readonly #quota: number;
  #freeAt = 0;
  #second = -1;
  #inSecond = 0;
  #peak = 0;
  #longestWait = 0;
  #total = 0;

  /** @param quota units a second */
  constructor(quota: number) {
    this.#quota = quota;
  }

  /** @param at ms. @returns ms when the cloud has taken all of it: with room to spare at once */
  ask(at: number, units: number): number {
    const second = Math.floor(at / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#inSecond = 0;
    }
    this.#inSecond += units;
    this.#total += units;
    if (this.#inSecond > this.#peak) this.#peak = this.#inSecond;
    const begins = Math.max(at, this.#freeAt);
    this.#freeAt = begins + (1000 * units) / this.#quota;
    if (begins - at > this.#longestWait) this.#longestWait = begins - at;
    return Math.max(at, this.#freeAt - 1000 / this.#quota);
  }

  get use(): QuotaUse {
    const { round } = Math;
    return {
      quota: this.#quota,
      peak: round(this.#peak),
      longestWait: round(this.#longestWait / 1000),
      total: round(this.#total),
    };
  }
}
