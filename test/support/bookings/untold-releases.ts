/** Who has a slot, and on which terms. */
export interface SlotState {
  readonly holder: string | null;
  /** Of the hold, ms since the epoch; absent: nobody knows. */
  readonly until?: number;
  readonly keyUntil?: number;
  readonly started?: true;
}

/** A release that may have happened from then on, without an answer. */
export interface MaybeRelease {
  readonly from: number;
  /** Absent: whoever has it, once. */
  readonly reservation?: string;
  /** Of one whose hold is over alone. */
  readonly lapsed: boolean;
}

/** What may have been released without anybody having been told. */
export class UntoldReleases {
  /** Since when each may have been; whatever may be, or only what is over. */
  readonly #any: ReadonlyMap<string, number>;
  readonly #lapsed: ReadonlyMap<string, number>;
  /** When those of whoever had it were asked for. */
  readonly #nameless: readonly number[];
  readonly #namelessLapsed: number;

  constructor(all: readonly MaybeRelease[]) {
    const firsts = (lapsed: boolean) => {
      const found = new Map<string, number>();
      for (const { reservation, from, ...one } of all) {
        if (reservation === undefined || one.lapsed !== lapsed) continue;
        found.set(reservation, Math.min(from, found.get(reservation) ?? Infinity));
      }
      return found;
    };
    const nameless = all.filter(({ reservation }) => reservation === undefined);
    this.#any = firsts(false);
    this.#lapsed = firsts(true);
    this.#nameless = nameless.flatMap(({ from, lapsed }) => (lapsed ? [] : [from])).sort((a, b) => a - b);
    this.#namelessLapsed = Math.min(...nameless.flatMap(({ from, lapsed }) => (lapsed ? [from] : [])));
  }

  /** How many are supposed, where the holder may have been released by now; undefined where not. */
  releases({ holder, until, started }: SlotState, now: number, clock: number, supposed: number): number | undefined {
    if (holder === null) return undefined;
    if ((this.#any.get(holder) ?? Infinity) <= now) return supposed;
    const isOver = started === undefined && (until === undefined || until < clock);
    if (isOver && Math.min(this.#lapsed.get(holder) ?? Infinity, this.#namelessLapsed) <= now) return supposed;
    return (this.#nameless[supposed] ?? Infinity) <= now ? supposed + 1 : undefined;
  }
}
