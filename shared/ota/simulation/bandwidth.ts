const second = 1000;
/** Within so many ms all vehicles together are taken to be even. */
const width = 600 * second;

/** How many bytes a second are on their way, each download spread over its own time. */
export class Bandwidth {
  /** By which it changes, and at the end the rest of what lies between. */
  readonly #changes: Float64Array;

  /** @param end ms */
  constructor(end: number) {
    this.#changes = new Float64Array(Math.ceil(end / width) + 2);
  }

  /** @param from ms. @param to ms */
  add(from: number, to: number, bytes: number): void {
    const last = this.#changes.length - 2;
    const [first, behind] = [Math.floor(from / width), Math.max(Math.ceil(to / width), Math.floor(from / width) + 1)];
    if (first > last) return;
    const perSecond = (bytes * second) / ((behind - first) * width);
    this.#changes[first] = (this.#changes[first] ?? 0) + perSecond;
    const end = Math.min(behind, last + 1);
    this.#changes[end] = (this.#changes[end] ?? 0) - perSecond;
  }

  /** Bytes a second in the busiest ten minutes. */
  get peak(): number {
    let now = 0;
    let peak = 0;
    for (const change of this.#changes) {
      now += change;
      if (now > peak) peak = now;
    }
    return peak;
  }
}
