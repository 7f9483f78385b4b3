/** What is certain of the cloud's time at one moment: it lies between the two, in ms since the Unix epoch. */
export interface Bounds {
  readonly earliest: number;
  readonly latest: number;
}

/** Quartz in a control unit is good for some 100 parts per million over its temperature range; five times that. */
const defaultDrift = 500e-6;

/** Shadow documents carry whole seconds, and nobody says whether they are cut or rounded. */
const granularity = 1000;

/**
 * The cloud's time as a vehicle can know it: from the `timestamp` in the answers to its own requests and a
 * clock of its own that only counts. An answer was stamped after the request left and before it came, so
 * the round trip bounds the error; from then on the bounds widen by the drift of the counter.
 *
 * All times are arguments; monotonic ones are ms of any one counter.
 *
 * @example
 * const clock = new CloudClock();
 * clock.answered(1_800_000_000, 5_000, 5_040); // asked at 5,000, answered at 5,040
 * clock.now(6_040); // { earliest: 1800000000000 - 1000 + …, latest: 1800000001040 + … }
 */
export class CloudClock {
  private readonly drift: number;
  private known: { readonly bounds: Bounds; readonly at: number } | undefined;

  constructor(drift: number = defaultDrift) {
    this.drift = drift;
  }

  /** Undefined as long as no answer has disciplined the clock. */
  now(monotonic: number): Bounds | undefined {
    if (this.known === undefined) return undefined;
    const { bounds, at } = this.known;
    const elapsed = monotonic - at;
    // A counter that ran backwards counts nothing: whatever was known is void.
    if (elapsed < 0) return undefined;
    return {
      earliest: bounds.earliest + elapsed * (1 - this.drift),
      latest: bounds.latest + elapsed * (1 + this.drift),
    };
  }

  /** Learns from an answer: `timestamp` in seconds, asked and received on the monotonic clock. */
  answered(timestamp: number, asked: number, received: number): void {
    if (!isTimestamp(timestamp) || received < asked) return;
    const seen = {
      earliest: timestamp * 1000 - granularity,
      // The cloud may have stamped at once and the answer travelled all the time since.
      latest: timestamp * 1000 + granularity + (received - asked) * (1 + this.drift),
    };
    const bounds = intersection(this.now(received), seen);
    this.known = { bounds: bounds ?? seen, at: received };
  }

  /**
   * Learns from a message that nobody asked for. It may have waited in a queue, so it only says that the
   * cloud's time is not earlier. Where that contradicts what was believed (a counter that stood still
   * while the unit slept), nothing is believed any more.
   */
  notBefore(timestamp: number, received: number): void {
    const bounds = this.now(received);
    if (bounds === undefined || !isTimestamp(timestamp)) return;
    const earliest = timestamp * 1000 - granularity;
    if (earliest > bounds.latest) this.known = undefined;
    else if (earliest > bounds.earliest) this.known = { bounds: { earliest, latest: bounds.latest }, at: received };
  }

  /** Trust ends, e.g. with the connection: the unit may have slept while its counter stood still. */
  forget(): void {
    this.known = undefined;
  }

  /** The wall clock where the cloud's time admits it, else the nearest time that it does admit. */
  corrected(wall: number, monotonic: number): number {
    const bounds = this.now(monotonic);
    if (bounds === undefined) return Math.round(wall);
    return Math.round(Math.min(Math.max(wall, bounds.earliest), bounds.latest));
  }
}

function intersection(one: Bounds | undefined, other: Bounds): Bounds | undefined {
  if (one === undefined) return undefined;
  const earliest = Math.max(one.earliest, other.earliest);
  const latest = Math.min(one.latest, other.latest);
  return earliest <= latest ? { earliest, latest } : undefined;
}

/** Seconds within the years that a vehicle of today can live in. */
function isTimestamp(seconds: number): boolean {
  return Number.isFinite(seconds) && seconds > 1_577_836_800 && seconds < 4_102_444_800;
}
