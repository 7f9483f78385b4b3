import { type MaybeRelease, type SlotState, UntoldReleases } from './untold-releases.ts';

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
  /** What any clock may have said by then, at the latest: ms since the epoch. */
  readonly clock: number;
  readonly act: Act;
}

export type Act =
  | { readonly kind: 'hold'; readonly reservation: string; readonly until?: number; readonly latest: number }
  | { readonly kind: 'release'; readonly reservation: string }
  /** Of whoever has it; of one whose hold is over, by the clock of who does it. */
  | { readonly kind: 'release-any'; readonly latest?: number }
  | { readonly kind: 'extend'; readonly reservation: string; readonly until?: number }
  | { readonly kind: 'key'; readonly reservation: string; readonly until: number }
  | { readonly kind: 'start'; readonly reservation: string }
  /** Who has it, null: nobody. */
  | { readonly kind: 'see'; readonly reservation: string | null }
  /** Somebody has it; or had it, as far as one knows, whose hold was never answered. */
  | { readonly kind: 'busy'; readonly orElse: boolean };

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

interface Branch {
  readonly state: SlotState;
  /** Steps not yet answered that have happened. */
  readonly happened: ReadonlySet<SlotStep>;
  /** So many releases of whoever had it, that nobody was told of. */
  readonly untold: number;
}

const free: SlotState = { holder: null };

/** Undefined where some order explains everything. */
export function contradictionIn(slot: Slot): Contradiction | undefined {
  return new Search(slot).run();
}

class Search {
  readonly #slot: Slot;
  readonly #pending = new Set<SlotStep>();
  /** Answered: they have happened in every branch. */
  readonly #past = new Set<SlotStep>();
  readonly #numbers = new Map<SlotStep, number>();
  readonly #holds = new Map<string, SlotStep>();
  readonly #maybe: UntoldReleases;
  #branches: readonly Branch[] = [{ state: free, happened: new Set(), untold: 0 }];

  constructor(slot: Slot) {
    this.#slot = slot;
    this.#maybe = new UntoldReleases(slot.maybe);
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
    if (!this.#branches.every(({ happened }) => happened.has(step))) this.#branches = this.#explored(step);
    this.#pending.delete(step);
    this.#past.add(step);
    const kept = new Map<string, Branch>();
    for (const { state, happened, untold } of this.#branches) {
      if (!happened.has(step)) continue;
      const rest = new Set(happened);
      rest.delete(step);
      const branch = { state, happened: rest, untold };
      const name = this.#nameOf(branch);
      // Who has supposed less may suppose more later.
      if (untold <= (kept.get(name)?.untold ?? untold)) kept.set(name, branch);
    }
    this.#branches = [...kept.values()];
  }

  /** All that may have come about by then. */
  #explored({ to: now, clock }: SlotStep): Branch[] {
    const found = new Map<string, Branch>();
    const open = this.#branches.map((branch) => this.#watched(branch));
    for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
      const name = this.#nameOf(branch);
      const known = found.get(name);
      if (known !== undefined && known.untold <= branch.untold) continue;
      found.set(name, branch);
      const { state, happened, untold } = branch;
      for (const step of this.#pending) {
        const next = this.#after(branch, step);
        if (next !== undefined)
          open.push(this.#watched({ state: next, happened: new Set([...happened, step]), untold }));
      }
      const supposed = this.#maybe.releases(state, now, clock, untold);
      if (supposed !== undefined) open.push(this.#watched({ state: free, happened, untold: supposed }));
    }
    return [...found.values()];
  }

  /** What changes nothing and can have happened now has happened now: that bars nothing later. */
  #watched(branch: Branch): Branch {
    const { state, happened } = branch;
    const now = [...this.#pending].filter((step) => {
      const { kind } = step.act;
      const looksOn = kind === 'see' || kind === 'busy' || kind === 'release';
      return looksOn && this.#after(branch, step) === state;
    });
    return now.length === 0 ? branch : { ...branch, happened: new Set([...happened, ...now]) };
  }

  #after({ state, happened }: Branch, step: SlotStep): SlotState | undefined {
    if (happened.has(step)) return undefined;
    const { act } = step;
    if (act.kind === 'release' || act.kind === 'start') {
      // Nothing is given back, or driven, before it is had, though who does so was told to before anybody asked for it.
      const hold = this.#holds.get(act.reservation);
      if (hold !== undefined && !this.#past.has(hold) && !happened.has(hold)) return undefined;
    }
    return after(state, act, this.#slot);
  }

  #nameOf({ state: { holder, until, keyUntil, started }, happened }: Branch): string {
    const numbers = [...happened].map((step) => this.#numbers.get(step) ?? 0).sort((a, b) => a - b);
    return JSON.stringify([holder, until, keyUntil, started, numbers]);
  }
}

/** The next state, or undefined where it cannot have happened in this one. */
function after(state: SlotState, act: Act, slot: Slot): SlotState | undefined {
  switch (act.kind) {
    case 'see':
      return state.holder === act.reservation ? state : undefined;
    case 'busy':
      return state.holder !== null || act.orElse ? state : undefined;
    case 'hold':
      return mayTake(state, act.latest, slot) ? { holder: act.reservation, ...known(act.until) } : undefined;
    case 'release':
      return state.holder === act.reservation ? free : state;
    case 'release-any': {
      const { holder, until, started } = state;
      const isOver = act.latest === undefined || (started === undefined && (until ?? 0) < act.latest);
      return holder !== null && isOver ? free : undefined;
    }
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
function mayTake({ holder, until, keyUntil, started }: SlotState, latest: number, { guard, keysBar }: Slot): boolean {
  if (holder === null) return true;
  if (started === true) return false;
  if (keyUntil !== undefined && keysBar) return false;
  return until === undefined || until + guard < latest;
}
