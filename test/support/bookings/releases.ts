import { type Operation, releases } from './history.ts';
import { returned, type Use } from './uses.ts';

export function isRelease({ operation }: Operation): boolean {
  return releases.some((name) => name === operation);
}

/** It may have released whoever had the car. */
export function isNameless(one: Operation): boolean {
  return isRelease(one) && one.reservation === undefined && one.car !== undefined && one.outcome !== 'refused';
}

/** Of a hold that is over alone. */
export function isSweep({ operation }: Operation): boolean {
  return operation === 'expire';
}

export function isDone({ outcome }: Operation): boolean {
  return outcome === 'done';
}

type Taker = Pick<Use, 'car' | 'from' | 'to'> & { readonly reservation?: string };

export function asTaker(one: Operation): Taker {
  return {
    car: one.car ?? '',
    from: one.invokedAt,
    to: one.outcome === 'done' ? returned(one) : Number.POSITIVE_INFINITY,
  };
}

/** Who may have put an end to a use by taking its car. */
export class Takers {
  readonly #all: readonly Taker[];
  /** Until when any of the first so many may have done so. */
  readonly #latest: readonly number[];

  constructor(all: readonly Taker[]) {
    this.#all = [...all].sort((a, b) => a.from - b.from);
    let latest = Number.NEGATIVE_INFINITY;
    this.#latest = this.#all.map(({ to }) => {
      latest = Math.max(latest, to);
      return latest;
    });
  }

  /** The first moment, not before `since`, when another may have taken it. */
  next(reservation: string, since: number): number | undefined {
    let [low, high] = [0, this.#all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#all[middle]?.from ?? 0) < since) low = middle + 1;
      else high = middle;
    }
    if (low > 0 && (this.#latest[low - 1] ?? 0) >= since) return since;
    for (; low < this.#all.length; low += 1) {
      const one = this.#all[low];
      if (one !== undefined && one.reservation !== reservation) return one.from;
    }
    return undefined;
  }
}
