const oneMinute = 60_000;

/** How a quota was used. */
export interface QuotaUse {
  /** A second. */
  readonly quota: number;
  /** The most that was wanted in one second. */
  readonly peak: number;
  /** The most that was given within one minute: never more than sixty times the quota. */
  readonly busiestMinute: number;
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
  #minute = 0;
  #inMinute = 0;
  #busiestMinute = 0;

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
    this.#given(begins, this.#freeAt);
    if (begins - at > this.#longestWait) this.#longestWait = begins - at;
    return Math.max(at, this.#freeAt - 1000 / this.#quota);
  }

  /** What is given between two moments, at the quota's own pace, minute by minute. */
  #given(from: number, to: number): void {
    for (let at = from; at < to; ) {
      const minute = Math.floor(at / oneMinute);
      if (minute !== this.#minute) {
        this.#minute = minute;
        this.#inMinute = 0;
      }
      const until = Math.min(to, (minute + 1) * oneMinute);
      this.#inMinute += ((until - at) * this.#quota) / 1000;
      if (this.#inMinute > this.#busiestMinute) this.#busiestMinute = this.#inMinute;
      at = until;
    }
  }

  get use(): QuotaUse {
    const { round } = Math;
    return {
      quota: this.#quota,
      peak: round(this.#peak),
      busiestMinute: round(this.#busiestMinute),
      longestWait: round(this.#longestWait / 1000),
      total: round(this.#total),
    };
  }
}
