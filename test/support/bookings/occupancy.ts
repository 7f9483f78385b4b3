import type { Finding, Rule } from './finding.ts';
import type { History, Operation } from './history.ts';
import { asTaker, isDone, isNameless, isRelease, isSweep, Takers } from './releases.ts';
import { type Act, contradictionIn, type SlotStep } from './slot.ts';
import type { MaybeRelease } from './untold-releases.ts';
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
  /** Cars from which somebody may have taken a hold that was over. */
  readonly #swept: ReadonlySet<string | undefined>;
  readonly #until = new Map<string, number>();

  constructor({ head, operations }: History, { byReservation, untold }: Uses, sights: readonly Sight[]) {
    this.#guard = head.guard;
    this.#skew = head.skew;
    this.#untold = untold;
    this.#byReservation = groups(operations, ({ reservation }) => reservation);
    this.#byCar = groups(operations, ({ car }) => car);
    this.#sights = groups(sights, ({ seen }) => seen.car);
    this.#swept = new Set(operations.filter((one) => isNameless(one) && isSweep(one)).map(({ car }) => car));
    const releasing = operations.filter((one) => isNameless(one) && !isSweep(one));
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
    const nameless = operations.filter(isNameless);
    const steps = [
      ...uses.flatMap((use) => this.#course(use)),
      ...nameless.filter(({ outcome }) => outcome === 'done').map((one) => this.#stepOf(one, anyRelease(one))),
      ...this.#looks(car, operations),
    ];
    const releasedAt = [
      ...uses.flatMap((use) => this.#unansweredReleases(use)),
      ...nameless.filter(({ outcome }) => outcome === 'unknown').map(maybe),
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
      ...{ operation: first?.id ?? 0, from, to, clock: this.#latestOf(attempts.filter(isDone)) },
      act: {
        kind: 'hold',
        reservation,
        latest: latestClock(attempts, this.#skew),
        ...(until !== undefined && { until }),
      },
    };
    const done = (this.#byReservation.get(reservation) ?? []).filter(isDone);
    const steps = done.flatMap((one) => {
      const act = actOf(one, reservation);
      return act === undefined ? [] : [this.#stepOf(one, act)];
    });
    return [hold, ...steps];
  }

  #stepOf(one: Operation, act: Act): SlotStep {
    return { operation: one.id, from: one.invokedAt, to: returned(one), clock: this.#latestOf([one]), act };
  }

  /** What anybody's clock said at the latest when they were all answered. */
  #latestOf(operations: readonly Operation[]): number {
    const answers = operations.map(({ clock }) => clock?.returned ?? Infinity);
    return answers.length === 0 ? Infinity : Math.max(...answers) + 2 * this.#skew;
  }

  #unansweredReleases({ reservation }: Use): MaybeRelease[] {
    const its = this.#byReservation.get(reservation) ?? [];
    const unanswered = its.filter((one) => isRelease(one) && one.outcome === 'unknown');
    return unanswered.map((one) => ({ ...maybe(one), reservation }));
  }

  /** Who takes a car over ends the use before. */
  #displaced({ reservation, car, from }: Use): MaybeRelease[] {
    const next = this.#takers.get(car)?.next(reservation, from);
    return [
      ...(next === undefined ? [] : [{ from: next, reservation, lapsed: false }]),
      ...(this.#swept.has(car) ? [{ from, reservation, lapsed: true }] : []),
    ];
  }

  #looks(car: string, operations: readonly Operation[]): SlotStep[] {
    const looks = (this.#sights.get(car) ?? []).flatMap(({ seen, by }): SlotStep[] => {
      const { reservation, stale } = seen;
      if (reservation === undefined || stale === true || by.returnedAt === undefined) return [];
      return [this.#stepOf(by, { kind: 'see', reservation })];
    });
    const refusals = operations.filter(({ operation, outcome, reason, returnedAt }) => {
      const isBusy = operation === 'hold' && outcome === 'refused' && reason === 'vehicle-reserved';
      return isBusy && returnedAt !== undefined;
    });
    const untold = Math.min(...this.#untold.filter((one) => one.car === car).map(({ invokedAt }) => invokedAt));
    const busy = refusals.map((one): SlotStep => {
      return this.#stepOf(one, { kind: 'busy', orElse: untold <= returned(one) });
    });
    return [...looks, ...busy];
  }
}

/** What the clock that decided the hold may have said at the latest. */
export function latestClock(attempts: readonly Operation[], skew: number): number {
  const answers = attempts.flatMap(({ outcome, clock }) => (outcome === 'done' ? [clock?.returned ?? Infinity] : []));
  // One whose answer was lost may have been the one that did it, by another clock.
  return Math.min(...answers) + (answers.length < attempts.length ? 2 * skew : 0);
}

function anyRelease(one: Operation): Act {
  const latest = one.clock?.returned;
  return { kind: 'release-any', ...(isSweep(one) && latest !== undefined && { latest }) };
}

function maybe(one: Operation): MaybeRelease {
  return { from: one.invokedAt, lapsed: isSweep(one) };
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
    case 'release-any':
      return 'the release of whoever had it';
    default:
      return `the ${act.kind} of ${act.reservation}`;
  }
}
