import type { Finding, Rule } from './finding.ts';
import { type History, type Operation, releases } from './history.ts';
import { type Act, contradictionIn, type MaybeRelease, type SlotStep } from './slot.ts';
import { groups, returned, type Sight, type Use, type Uses } from './uses.ts';

/** One holder a car, one active use a person and operator: each a slot of its own. */
export function occupancyFindings(history: History, uses: Uses, sights: readonly Sight[]): Finding[] {
  const told = new Story(history, uses, sights);
  const all = [...uses.byReservation.values()];
  const cars = groups(all, ({ car }) => car);
  const persons = groups(all, ({ operator, person }) => JSON.stringify([operator, person]));
  return [
    ...[...told.cars].flatMap((car) => told.ofCar(car, cars.get(car) ?? [])),
    ...[...persons].flatMap(([, its]) => told.ofPerson(its)),
  ];
}

class Story {
  readonly #guard: number;
  readonly #skew: number;
  readonly #untold: readonly Operation[];
  readonly #byReservation: ReadonlyMap<string, readonly Operation[]>;
  readonly #byCar: ReadonlyMap<string, readonly Operation[]>;
  readonly #sights: ReadonlyMap<string, readonly Sight[]>;
  readonly #takers: ReadonlyMap<string, Takers>;
  readonly #until = new Map<string, number>();

  constructor({ head, operations }: History, { byReservation, untold }: Uses, sights: readonly Sight[]) {
    this.#guard = head.guard;
    this.#skew = head.skew;
    this.#untold = untold;
    this.#byReservation = groups(operations, ({ reservation }) => reservation);
    this.#byCar = groups(operations, ({ car }) => car);
    this.#sights = groups(sights, ({ seen }) => seen.car);
    const releasing = operations.filter((one) => isNameless(one));
    const takers = groups([...byReservation.values(), ...releasing.map(asTaker)], ({ car }) => car);
    this.#takers = new Map([...takers].map(([car, all]) => [car, new Takers(all)]));
    for (const { seen } of sights) {
      const { reservation, expiresAt } = seen;
      if (typeof reservation !== 'string' || expiresAt === undefined) continue;
      // The first expiry is the earliest: it only ever moves on.
      this.#until.set(reservation, Math.min(expiresAt, this.#until.get(reservation) ?? Number.POSITIVE_INFINITY));
    }
  }

  get cars(): Iterable<string> {
    return this.#byCar.keys();
  }

  ofCar(car: string, uses: readonly Use[]): Finding[] {
    const operations = this.#byCar.get(car) ?? [];
    const nameless = operations.filter((one) => isNameless(one));
    const steps = [...uses.flatMap((use) => this.#course(use)), ...this.#looks(car, operations)];
    const releasedAt = [
      ...uses.flatMap((use) => this.#unansweredReleases(use)),
      ...nameless.map(({ invokedAt }): MaybeRelease => ({ from: invokedAt })),
    ];
    return this.#judged('two-holders', car, steps, releasedAt, false);
  }

  ofPerson(uses: readonly Use[]): Finding[] {
    const [{ operator, person } = { operator: '', person: '' }] = uses;
    const releasedAt = uses.flatMap((use) => [...this.#unansweredReleases(use), ...this.#displaced(use)]);
    const steps = uses.flatMap((use) => this.#course(use));
    return this.#judged('two-uses', `${person} with ${operator}`, steps, releasedAt, true);
  }

  #judged(
    rule: Rule,
    whose: string,
    steps: readonly SlotStep[],
    releasedAt: readonly MaybeRelease[],
    isPerson: boolean,
  ) {
    const found = contradictionIn({ steps, maybe: releasedAt, guard: this.#guard, keysBar: isPerson });
    if (found === undefined) return [];
    const { step, holders } = found;
    const who = holders.map((holder) => holder ?? 'nobody').join(' or ');
    const text = `${whose}: ${told(step.act)} cannot be, whichever order the others came in: by then it was ${who}.`;
    return [{ rule, text, operations: [step.operation] }];
  }

  /** From its hold to its end, so far as it was answered. */
  #course(use: Use): SlotStep[] {
    const { reservation, attempts, from, to } = use;
    const until = this.#until.get(reservation);
    const [first] = attempts;
    const hold: SlotStep = {
      ...{ operation: first?.id ?? 0, from, to },
      act: {
        kind: 'hold',
        reservation,
        latest: latestClock(attempts, this.#skew),
        ...(until !== undefined && { until }),
      },
    };
    const done = (this.#byReservation.get(reservation) ?? []).filter(({ outcome }) => outcome === 'done');
    return [hold, ...done.flatMap((one) => this.#step(one, reservation))];
  }

  #step(one: Operation, reservation: string): SlotStep[] {
    const act = actOf(one, reservation);
    return act === undefined ? [] : [{ operation: one.id, from: one.invokedAt, to: returned(one), act }];
  }

  #unansweredReleases({ reservation }: Use): MaybeRelease[] {
    const its = this.#byReservation.get(reservation) ?? [];
    const unanswered = its.filter((one) => isRelease(one) && one.outcome === 'unknown');
    return unanswered.map(({ invokedAt }) => ({ from: invokedAt, reservation }));
  }

  /** Who takes a car over ends the use before. */
  #displaced({ reservation, car, from }: Use): MaybeRelease[] {
    const next = this.#takers.get(car)?.next(reservation, from);
    return next === undefined ? [] : [{ from: next, reservation }];
  }

  #looks(car: string, operations: readonly Operation[]): SlotStep[] {
    const looks = (this.#sights.get(car) ?? []).flatMap(({ seen, by }): SlotStep[] => {
      const { reservation, stale } = seen;
      if (reservation === undefined || stale === true || by.returnedAt === undefined) return [];
      return [{ operation: by.id, from: by.invokedAt, to: by.returnedAt, act: { kind: 'see', reservation } }];
    });
    const refusals = operations.filter(({ operation, outcome, reason, returnedAt }) => {
      const isBusy = operation === 'hold' && outcome === 'refused' && reason === 'vehicle-reserved';
      return isBusy && returnedAt !== undefined;
    });
    const untold = Math.min(...this.#untold.filter((one) => one.car === car).map(({ invokedAt }) => invokedAt));
    const busy = refusals.map((one): SlotStep => {
      const act: Act = { kind: 'busy', orElse: untold <= returned(one) };
      return { operation: one.id, from: one.invokedAt, to: returned(one), act };
    });
    return [...looks, ...busy];
  }
}

export function isRelease({ operation }: Operation): boolean {
  return releases.some((name) => name === operation);
}

/** It may have released whoever had the car. */
function isNameless(one: Operation): boolean {
  return isRelease(one) && one.reservation === undefined && one.car !== undefined && one.outcome !== 'refused';
}

type Taker = Pick<Use, 'car' | 'from' | 'to'> & { readonly reservation?: string };

function asTaker(one: Operation): Taker {
  return {
    car: one.car ?? '',
    from: one.invokedAt,
    to: one.outcome === 'done' ? returned(one) : Number.POSITIVE_INFINITY,
  };
}

/** Who may have put an end to a use by taking its car. */
class Takers {
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

/** What the clock that decided the hold may have said at the latest. */
export function latestClock(attempts: readonly Operation[], skew: number): number {
  const answers = attempts.flatMap(({ outcome, clock }) => (outcome === 'done' ? [clock?.returned ?? Infinity] : []));
  // One whose answer was lost may have been the one that did it, by another clock.
  return Math.min(...answers) + (answers.length < attempts.length ? 2 * skew : 0);
}

function actOf(one: Operation, reservation: string): Act | undefined {
  if (isRelease(one)) return { kind: 'release', reservation };
  const its = (one.seen ?? []).find((seen) => seen.of === 'car' && seen.reservation === reservation);
  const { expiresAt, keyUntil } = its?.of === 'car' ? its : {};
  switch (one.operation) {
    case 'extend':
      return { kind: 'extend', reservation, ...(expiresAt !== undefined && { until: expiresAt }) };
    case 'key':
      return keyUntil === undefined ? undefined : { kind: 'key', reservation, until: keyUntil };
    case 'start':
      return { kind: 'start', reservation };
    default:
      return undefined;
  }
}

function told(act: Act): string {
  switch (act.kind) {
    case 'see':
      return act.reservation === null ? 'that nobody had it' : `that ${act.reservation} had it`;
    case 'busy':
      return 'that somebody had it';
    default:
      return `the ${act.kind} of ${act.reservation}`;
  }
}
