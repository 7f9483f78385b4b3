const day = 86_400_000;

/** How the days were used. */
export interface AllowanceUse {
  readonly allowance: number;
  readonly busiestDay: number;
  /** Seconds that somebody had to wait for another day, at the most. */
  readonly longestWait: number;
  readonly total: number;
}

/** What a cloud allows a day, from midnight to midnight: what is above it waits for the next one, first come, first served. */
export class DailyAllowance {
  readonly #allowance: number;
  #today = 0;
  #used = 0;
  #busiestDay = 0;
  #total = 0;
  #longestWait = 0;

  /** @param allowance units a day */
  constructor(allowance: number) {
    this.#allowance = allowance;
  }

  /** @param at ms. @returns ms when it may begin: at once, or at a midnight; what is more than a day's begins on a new one */
  ask(at: number, units: number): number {
    const wanted = Math.floor(at / day);
    if (wanted > this.#today) this.#turnTo(wanted);
    if (this.#used > 0 && this.#used + units > this.#allowance) this.#turnTo(this.#today + 1);
    this.#used += units;
    this.#total += units;
    if (this.#used > this.#busiestDay) this.#busiestDay = this.#used;
    const begins = Math.max(at, this.#today * day);
    if (begins - at > this.#longestWait) this.#longestWait = begins - at;
    return begins;
  }

  get use(): AllowanceUse {
    const longestWait = Math.round(this.#longestWait / 1000);
    return { allowance: this.#allowance, busiestDay: this.#busiestDay, longestWait, total: this.#total };
  }

  #turnTo(today: number): void {
    this.#today = today;
    this.#used = 0;
  }
}
