/** Numbers that look drawn, and are the same for the same seed (Marsaglia's xorshift, 32 bits). */
export class Draws {
  #state: number;

  constructor(seed: number) {
    // Nought would stay nought; neighbouring seeds must not begin alike.
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
    for (let round = 0; round < 8; round += 1) this.next();
  }

  /** From 0 to below 1. */
  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** What comes at any moment with the same likelihood, on average after `mean`. */
  waiting(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }
}
