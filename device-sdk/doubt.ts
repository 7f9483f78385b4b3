/** How often the cloud has to refuse an identity, and over how long (ms), before it is doubted. */
const enough = 5;
const minute = 60_000;
const hour = 60 * minute;
/** Of one that never was of use, and of one that was. */
const patiences = { unproven: { first: 3 * minute, longest: hour }, proven: { first: hour, longest: 24 * hour } };

/**
 * Whether an identity is worth keeping. One that never was of use may be none: a registration that came late and out of
 * order has revoked its certificate, and then it is refused for ever. One that was once online is doubted only where the
 * cloud knows a vehicle again by its certificate: it may have lost it. Everywhere else a refusal means the vehicle.
 */
export class Doubt {
  private readonly knowsAgain: boolean;
  private patience: number;
  private refusals = 0;
  private since = 0;
  private dispelled: boolean;

  constructor(dispelled: boolean, knowsAgain = false) {
    this.dispelled = dispelled;
    this.knowsAgain = knowsAgain;
    this.patience = this.patiences.first;
  }

  /** The cloud refused, at a time on a clock that never steps back. True where something is to be done about it. */
  refused(at: number): boolean {
    if (this.dispelled && !this.knowsAgain) return false;
    if (this.refusals === 0) this.since = at;
    this.refusals += 1;
    if (this.refusals < enough || at - this.since < this.patience) return false;
    this.refusals = 0;
    // Whoever is refused again and again asks ever more rarely.
    this.patience = Math.min(this.patience * 2, this.patiences.longest);
    return true;
  }

  /** The cloud accepted. True the first time. */
  dispel(): boolean {
    const first = !this.dispelled;
    this.dispelled = true;
    this.refusals = 0;
    this.patience = this.patiences.first;
    return first;
  }

  private get patiences() {
    return this.dispelled ? patiences.proven : patiences.unproven;
  }
}
