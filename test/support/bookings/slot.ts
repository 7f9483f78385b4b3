/*
 * Is there an order in which all this can have happened to one slot (a car, or a person with one operator) that has one
 * holder at a time? Just-in-time linearization: of every order that still explains the answers so far, the states are kept;
 * when an answer leaves none, its operation is the proof. Linear in the length of the history, exponential only in what
 * changes the slot at the same time.
 */

export interface SlotStep {
  readonly operation: number;
  /** It happened between these. */
  readonly from: number;
  readonly to: number;
  readonly act: Act;
}

export type Act =
  | { readonly kind: 'hold'; readonly reservation: string; readonly until?: number; readonly latest: number }
  | { readonly kind: 'release'; readonly reservation: string }
  | { readonly kind: 'extend'; readonly reservation: string; readonly until?: number }
  | { readonly kind: 'key'; readonly reservation: string; readonly until: number }
  | { readonly kind: 'start'; readonly reservation: string }
  /** Who has it, null: nobody. */
  | { readonly kind: 'see'; readonly reservation: string | null }
  /** Somebody has it; or had it, as far as one knows, whose hold was never answered. */
  | { readonly kind: 'busy'; readonly orElse: boolean };

/** A release that may have happened from then on, without an answer. */
export interface MaybeRelease {
  readonly from: number;
  /** Absent: whoever has it. */
  readonly reservation?: string;
}

export interface Slot {
  readonly steps: readonly SlotStep[];
  readonly maybe: readonly MaybeRelease[];
  readonly guard: number;
  /** Nobody takes it over from a holder with a key. */
  readonly keysBar: boolean;
}

export interface Contradiction {
  readonly step: SlotStep;
  /** Who may have had it just before. */
  readonly holders: readonly (string | null)[];
}

interface State {
  readonly holder: string | null;
  /** Of the hold, ms since the epoch; absent: nobody knows. */
  readonly until?: number;
  readonly keyUntil?: number;
  readonly started?: true;
}

interface Branch {
  readonly state: State;
  /** Steps not yet answered that have happened. */
  readonly happened: ReadonlySet<SlotStep>;
}

const free: State = { holder: null };

/** Undefined where some order explains everything. */
export function contradictionIn(slot: Slot): Contradiction | undefined {
  return new Search(slot).run();
}

class Search {
  readonly #slot: Slot;
  readonly #pending = new Set<SlotStep>();
  readonly #numbers = new Map<SlotStep, number>();
  readonly #holds = new Map<string, SlotStep>();
  /** Since when each may have been released. */
  readonly #maybe = new Map<string | undefined, number>();
  #branches: Branch[] = [{ state: free, happened: new Set() }];

  constructor(slot: Slot) {
    this.#slot = slot;
    for (const { reservation, from } of slot.maybe) {
      this.#maybe.set(reservation, Math.min(from, this.#maybe.get(reservation) ?? Number.POSITIVE_INFINITY));
    }
    for (const step of slot.steps) {
      this.#numbers.set(step, this.#numbers.size);
      if (step.act.kind === 'hold') this.#holds.set(step.act.reservation, step);
    }
  }

  run(): Contradiction | undefined {
    const { steps } = this.#slot;
    const begins = [...steps].sort((a, b) => a.from - b.from);
    const ends = [...steps].sort((a, b) => a.to - b.to);
    let begun = 0;
    for (const step of ends) {
      // What begins at the same instant may have come first.
      for (let next = begins[begun]; next !== undefined && next.from <= step.to; next = begins[begun]) {
        this.#pending.add(next);
        begun += 1;
      }
      const holders = this.#branches.map(({ state }) => state.holder);
      this.#answered(step);
      if (this.#branches.length === 0) return { step, holders: [...new Set(holders)] };
    }
    return undefined;
  }

  /** Only what has it behind it goes on. */
  #answered(step: SlotStep): void {
    if (!this.#branches.every(({ happened }) => happened.has(step))) this.#branches = this.#explored(step.to);
    this.#pending.delete(step);
    const kept = new Map<string, Branch>();
    for (const { state, happened } of this.#branches) {
      if (!happened.has(step)) continue;
      const rest = new Set(happened);
      rest.delete(step);
      const branch = { state, happened: rest };
      kept.set(this.#nameOf(branch), branch);
    }
    this.#branches = [...kept.values()];
  }

  /** All that may have come about by then. */
  #explored(now: number): Branch[] {
    const found = new Map<string, Branch>();
    const open = this.#branches.map((branch) => this.#watched(branch));
    for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
      const name = this.#nameOf(branch);
      if (found.has(name)) continue;
      found.set(name, branch);
      const { state, happened } = branch;
      for (const step of this.#pending) {
        const next = this.#after({ state, happened }, step);
        if (next !== undefined) open.push(this.#watched({ state: next, happened: new Set([...happened, step]) }));
      }
      if (this.#mayBeReleased(state, now)) open.push(this.#watched({ state: free, happened }));
    }
    return [...found.values()];
  }

  /** What changes nothing and can have happened now has happened now: that bars nothing later. */
  #watched({ state, happened }: Branch): Branch {
    const now = [...this.#pending].filter((step) => {
      const { kind } = step.act;
      const looksOn = kind === 'see' || kind === 'busy' || kind === 'release';
      return looksOn && this.#after({ state, happened }, step) === state;
    });
    return now.length === 0 ? { state, happened } : { state, happened: new Set([...happened, ...now]) };
  }

  #after({ state, happened }: Branch, step: SlotStep): State | undefined {
    if (happened.has(step)) return undefined;
    const { act } = step;
    if (act.kind === 'release' || act.kind === 'start') {
      // Nothing is given back, or driven, before it is had.
      const hold = this.#holds.get(act.reservation);
      if (hold !== undefined && this.#pending.has(hold) && !happened.has(hold)) return undefined;
    }
    return after(state, act, this.#slot);
  }

  #mayBeReleased({ holder }: State, now: number): boolean {
    if (holder === null) return false;
    return [holder, undefined].some((name) => (this.#maybe.get(name) ?? Number.POSITIVE_INFINITY) <= now);
  }

  #nameOf({ state: { holder, until, keyUntil, started }, happened }: Branch): string {
    const numbers = [...happened].map((step) => this.#numbers.get(step) ?? 0).sort((a, b) => a - b);
    return JSON.stringify([holder, until, keyUntil, started, numbers]);
  }
}

/** The next state, or undefined where it cannot have happened in this one. */
function after(state: State, act: Act, slot: Slot): State | undefined {
  switch (act.kind) {
    case 'see':
      return state.holder === act.reservation ? state : undefined;
    case 'busy':
      return state.holder !== null || act.orElse ? state : undefined;
    case 'hold':
      return mayTake(state, act.latest, slot) ? { holder: act.reservation, ...known(act.until) } : undefined;
    case 'release':
      return state.holder === act.reservation ? free : state;
    case 'extend': {
      if (state.holder !== act.reservation) return undefined;
      const { until: _, ...rest } = state;
      return { ...rest, ...known(act.until) };
    }
    case 'key':
      return state.holder === act.reservation ? { ...state, keyUntil: act.until } : undefined;
    case 'start':
      return state.holder === act.reservation ? { ...state, started: true } : state;
  }
}

function known(until: number | undefined): { readonly until?: number } {
  return until === undefined ? {} : { until };
}

/** @param latest the claimant's own clock, at the latest */
function mayTake({ holder, until, keyUntil, started }: State, latest: number, { guard, keysBar }: Slot): boolean {
  if (holder === null) return true;
  if (started === true) return false;
  if (keyUntil !== undefined && keysBar) return false;
  return until === undefined || until + guard < latest;
}
