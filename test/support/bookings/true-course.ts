import fc from 'fast-check';
import type { CarSeen, History, Operation } from './history.ts';

/*
 * Histories that are true by how they are made: deeds are done one after the other to cars that one person has at a time,
 * and only then is it said when each was asked for and answered. Each has its place in between, or after an answer that was
 * lost. Whoever judges finds nothing.
 */

const kinds = [
  ...(['hold', 'hold', 'hold', 'again', 'cancel', 'force-end', 'force-end'] as const),
  ...(['expire', 'extend', 'key', 'start', 'end', 'read'] as const),
] as const;

/** ms between two deeds, and those that each may be asked for before it is done, and answered after. */
const step = 10;
const width = fc.integer({ min: 0, max: 8 * step });
const at = fc.constant(0);
const told = fc.constant('told' as const);
const anyAnswer = fc.constantFrom('told', 'told', 'told', 'told', 'told', 'lost', 'early', 'never');
const deed = {
  kind: fc.constantFrom(...kinds),
  car: fc.constantFrom('car-1', 'car-1', 'car-1', 'car-2'),
  person: fc.constantFrom('ann', 'bob', 'cid'),
  /** Which of the former holds is meant, where one is. */
  former: fc.nat(),
  /** Of the clock that decides, ms. */
  error: fc.integer({ min: -5_000, max: 5_000 }),
};
const lengthy = fc.record({ ...deed, before: width, after: width, answer: anyAnswer });
const sudden = fc.record({ ...deed, before: at, after: at, answer: told });
type Deed = typeof lengthy extends fc.Arbitrary<infer T> ? T : never;

export const trueHistories = historiesOf(lengthy);
/** Everything is answered, in the moment in which it is done. */
export const suddenHistories = historiesOf(sudden);

function historiesOf(one: fc.Arbitrary<Deed>): fc.Arbitrary<History> {
  // In the end the stream may tell of every hold that there was.
  const course = fc.record({ deeds: fc.array(one, { minLength: 2, maxLength: 24 }), isSeen: fc.boolean() });
  return course.map(({ deeds, isSeen }) => new TrueCourse().history(deeds, isSeen));
}

interface Held {
  readonly reservation: string;
  readonly car: string;
  readonly person: string;
  readonly key: string;
  readonly since: number;
  until: number;
  isStarted: boolean;
  isKeyed: boolean;
}
type Told = Partial<Operation> & { readonly nameless?: Partial<Operation> };

const guard = 30_000;
/** ms of the clocks that pass in one of the monotonic clock: a hold is over after twelve deeds. */
const speed = 1_000;
const length = 12 * step * speed;
const epoch = 1_790_000_000_000;

class TrueCourse {
  readonly #cars = new Map<string, Held>();
  readonly #all: Held[] = [];

  history(deeds: readonly Deed[], isSeen: boolean): History {
    const operations = deeds.flatMap((one, place) => this.#done(one, 1_000 + place * step, place) ?? []);
    const end = 1_000 + (deeds.length + 20) * step;
    const images = this.#all.map(({ car, reservation, person, since }): CarSeen => {
      return { of: 'car', car, reservation, person, expiresAt: clockAt(since) + length, stale: true };
    });
    const stream = { kind: 'operation', client: 'stream', operation: 'read', outcome: 'done' } as const;
    const all = [...operations, ...(isSeen ? [{ ...stream, invokedAt: end, returnedAt: end, seen: images }] : [])].sort(
      (one, other) => one.invokedAt - other.invokedAt,
    );
    return {
      head: { kind: 'history', format: 1, guard, skew: 5_000, complete: false, settled: false },
      operations: all.map((one, id) => ({ ...one, id })),
      entries: [],
    };
  }

  #done(one: Deed, at: number, place: number): Omit<Operation, 'id'> | undefined {
    const told = this.#told(one, at, place);
    if (told === undefined) return undefined;
    const { nameless = {}, ...answer } = told;
    const known = this.#all.find(({ reservation }) => reservation === answer.reservation);
    const isNamed = one.kind !== 'hold' && one.kind !== 'force-end' && one.kind !== 'again';
    // Who names it has heard of it.
    const earliest = isNamed ? (known?.since ?? 0) + 1 : 0;
    const invokedAt = Math.max(at - one.before, earliest);
    const operation = one.kind === 'again' ? 'hold' : one.kind;
    const asked = {
      ...({ kind: 'operation', client: `c${place}`, operation, operator: 'we-share', car: one.car } as const),
      invokedAt,
      clock: { invoked: clockAt(invokedAt) + one.error },
    };
    const isLost = one.answer !== 'told' && answer.outcome !== 'refused';
    if (isLost && one.answer === 'never') return { ...asked, ...nameless, outcome: 'unknown' };
    // It was given up, and done nevertheless.
    const returnedAt = isLost && one.answer === 'early' ? Math.max(invokedAt, at - 1 - one.after) : at + one.after;
    const clock = { ...asked.clock, returned: clockAt(returnedAt) + one.error };
    return isLost
      ? { ...asked, ...nameless, returnedAt, clock, outcome: 'unknown' }
      : { ...asked, outcome: 'done', ...nameless, ...answer, returnedAt, clock };
  }

  /** What is answered; `nameless` is what was asked. Undefined where nobody would ask for it. */
  #told(one: Deed, at: number, place: number): Told | undefined {
    const { kind, car, person } = one;
    const now = clockAt(at) + one.error;
    const present = this.#cars.get(car);
    const former = this.#all[one.former % Math.max(1, this.#all.length)];
    switch (kind) {
      case 'hold':
        return this.#held(one, at, `k-${place}`, now);
      case 'again': {
        if (former === undefined) return undefined;
        const { key, reservation } = former;
        return { nameless: { key, person: former.person, car: former.car }, reservation };
      }
      case 'read':
        return { seen: [{ of: 'car', car, ...holderIn(present) }] };
      case 'expire':
        if (present === undefined || present.isStarted || present.until + guard >= now) return undefined;
        this.#cars.delete(car);
        return {};
      case 'force-end':
        if (present === undefined) return undefined;
        this.#cars.delete(car);
        return { reservation: present.reservation };
      default:
        return present?.person === person && this.#activeOf(person) === present
          ? this.#used(kind, present, now)
          : undefined;
    }
  }

  #used(kind: 'cancel' | 'extend' | 'key' | 'start' | 'end', present: Held, now: number): Told | undefined {
    const { reservation, person, car } = present;
    const nameless = { reservation, person };
    const isOver = present.until <= now;
    if (kind === 'cancel' && present.isStarted) return undefined;
    if (kind === 'end' && !present.isStarted) return undefined;
    if ((kind === 'extend' || kind === 'key' || kind === 'start') && (isOver || present.isStarted)) return undefined;
    if (kind === 'extend') present.until += length;
    if (kind === 'key') present.isKeyed = true;
    if (kind === 'start') present.isStarted = true;
    if (kind === 'cancel' || kind === 'end') this.#cars.delete(car);
    if (kind !== 'extend' && kind !== 'key') return { nameless };
    const keyUntil = kind === 'key' ? { keyUntil: present.until } : {};
    return { nameless, seen: [{ of: 'car', car, reservation, expiresAt: present.until, ...keyUntil }] };
  }

  #held({ car, person }: Deed, at: number, key: string, now: number): Told | undefined {
    const nameless = { key, person };
    const [present, active] = [this.#cars.get(car), this.#activeOf(person)];
    const isBusy = (one: Held | undefined) => one !== undefined && (one.isStarted || one.until + guard >= now);
    if (isBusy(active) || active?.isKeyed === true) return undefined;
    if (isBusy(present)) return { nameless, outcome: 'refused', reason: 'vehicle-reserved' };
    const reservation = `r-${this.#all.length + 1}`;
    const held = {
      reservation,
      car,
      person,
      key,
      since: at,
      until: clockAt(at) + length,
      isStarted: false,
      isKeyed: false,
    };
    this.#all.push(held);
    this.#cars.set(car, held);
    return { nameless, reservation, seen: [{ of: 'car', car, reservation, person, expiresAt: held.until }] };
  }

  /** Their newest, as long as they have it. */
  #activeOf(person: string): Held | undefined {
    const newest = this.#all.findLast((one) => one.person === person);
    return newest !== undefined && this.#cars.get(newest.car) === newest ? newest : undefined;
  }
}

function holderIn(present: Held | undefined): Pick<CarSeen, 'reservation' | 'person'> {
  return present === undefined ? { reservation: null } : { reservation: present.reservation, person: present.person };
}

function clockAt(at: number): number {
  return epoch + at * speed;
}
