/** How often the cloud has to refuse an identity, and over how long (ms), before it is doubted. */
const enough = 5;
const shortest = 3 * 60_000;
const longest = 60 * 60_000;

/**
 * Whether an identity that never was of use is worth keeping. A registration that came late and out of order
 * may have revoked the certificate that the vehicle holds: then it is refused for ever. An identity that was
 * once online is never doubted, because the cloud that refuses it then means the vehicle.
 */
export class Doubt {
  private patience = shortest;
  private refusals = 0;
  private since = 0;
  private dispelled: boolean;

  constructor(dispelled: boolean) {
    this.dispelled = dispelled;
  }

  /** The cloud refused, at a time on a clock that never steps back. True where something is to be done about it. */
  refused(at: number): boolean {
    if (this.dispelled) return false;
    if (this.refusals === 0) this.since = at;
    this.refusals += 1;
    if (this.refusals < enough || at - this.since < this.patience) return false;
    this.refusals = 0;
    // Whoever is refused again and again asks ever more rarely.
    this.patience = Math.min(this.patience * 2, longest);
    return true;
  }

  /** The cloud accepted. True the first time. */
  dispel(): boolean {
    const first = !this.dispelled;
    this.dispelled = true;
    return first;
  }
}
