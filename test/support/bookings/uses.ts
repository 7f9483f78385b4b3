import type { Finding } from './finding.ts';
import type { CarSeen, History, Operation } from './history.ts';

/** One reservation, as the answers tell of it. */
export interface Use {
  readonly reservation: string;
  readonly car: string;
  readonly person: string;
  readonly operator: string;
  /** Operations of its hold that were not refused: the first, and those that repeat it. */
  readonly attempts: readonly Operation[];
  /** Between these it was held: from the first attempt to the first answer, or the first sight of it. */
  readonly from: number;
  readonly to: number;
  /** A hold was answered `done`. */
  readonly confirmed: boolean;
}

export interface Sight {
  readonly seen: CarSeen;
  readonly by: Operation;
}

export interface Uses {
  readonly byReservation: ReadonlyMap<string, Use>;
  /** Holds that may have happened, and that nothing tells of. */
  readonly untold: readonly Operation[];
  readonly findings: readonly Finding[];
}

export function sightsOf({ operations }: History): Sight[] {
  return operations.flatMap((by) => (by.seen ?? []).flatMap((seen) => (seen.of === 'car' ? [{ seen, by }] : [])));
}

export function usesOf(history: History, sights: readonly Sight[]): Uses {
  const holds = history.operations.filter((one) => one.operation === 'hold' && one.outcome !== 'refused');
  const attempts = attemptsOf(holds);
  const told = new Set([...attempts.values()].flat().map(({ id }) => id));
  const untold = holds.filter(({ id }) => !told.has(id));
  const unanswered = [...untold];
  const findings: Finding[] = [];
  const firstSights = new Map<string, Sight>();
  const earliest = new Map<string, number>();
  const persons = personsOf(history, sights);
  for (const sight of [...sights].sort((a, b) => returned(a.by) - returned(b.by))) {
    const { reservation } = sight.seen;
    if (typeof reservation !== 'string' || firstSights.has(reservation)) continue;
    firstSights.set(reservation, sight);
    if (attempts.has(reservation)) continue;
    const mayBe = (one: Operation) => fits(one, sight, persons.get(reservation));
    const attempt = untold.find(mayBe);
    if (attempt === undefined) {
      const text = `${reservation} has ${sight.seen.car}, and no hold that may have happened asked for it.`;
      findings.push({ rule: 'hold-of-nobody', text, operations: [sight.by.id] });
      continue;
    }
    const key = untold.filter((one) => sameKey(one, attempt));
    attempts.set(reservation, key);
    // Which of several it was nobody knows: the first of them may have been it, whatever else was counted as its own.
    earliest.set(reservation, Math.min(...unanswered.filter(mayBe).map(({ invokedAt }) => invokedAt)));
    for (const one of key) untold.splice(untold.indexOf(one), 1);
  }
  const uses = new Map<string, Use>();
  for (const [reservation, of] of attempts) {
    const use = useOf(reservation, of, firstSights.get(reservation));
    if (use === undefined) untold.push(...of);
    else uses.set(reservation, { ...use, from: Math.min(use.from, earliest.get(reservation) ?? use.from) });
  }
  return { byReservation: uses, untold, findings };
}

/** Those that name it, and those of the same key whose answer was lost. */
function attemptsOf(holds: readonly Operation[]): Map<string, Operation[]> {
  const byKey = groups(holds, (one) => keyOf(one) ?? `${one.id}`);
  const found = new Map<string, Operation[]>();
  for (const group of byKey.values()) {
    const names = new Set(group.flatMap(({ reservation }) => reservation ?? []));
    for (const name of names) {
      const its = group.filter(({ reservation }) => reservation === name || reservation === undefined);
      found.set(name, [...(found.get(name) ?? []), ...its]);
    }
  }
  return found;
}

function useOf(reservation: string, attempts: readonly Operation[], sight: Sight | undefined): Use | undefined {
  const [{ car = '', person = '', operator = '' } = {}] = attempts;
  const done = attempts.filter(({ outcome }) => outcome === 'done');
  if (done.length === 0 && sight === undefined) return undefined;
  const from = Math.min(...attempts.map(({ invokedAt }) => invokedAt));
  const to = Math.min(...done.map(returned), sight === undefined ? Number.POSITIVE_INFINITY : returned(sight.by));
  return { reservation, car, person, operator, attempts, from, to, confirmed: done.length > 0 };
}

/** The request's name: a key is its person's own. */
export function keyOf({ operator, person, key }: Operation): string | undefined {
  return key === undefined ? undefined : JSON.stringify([operator, person, key]);
}

function sameKey(one: Operation, other: Operation): boolean {
  return one === other || (keyOf(one) !== undefined && keyOf(one) === keyOf(other));
}

/** Whose each reservation is, as far as anybody tells. */
function personsOf({ operations }: History, sights: readonly Sight[]): Map<string, string> {
  const told = [...operations, ...sights.map(({ seen }) => seen)];
  return new Map(
    told.flatMap(({ reservation, person }) => {
      return typeof reservation === 'string' && person !== undefined ? [[reservation, person] as const] : [];
    }),
  );
}

function fits(hold: Operation, { seen, by }: Sight, person: string | undefined): boolean {
  const isTheirs = person === undefined || person === hold.person;
  return hold.car === seen.car && isTheirs && hold.invokedAt <= returned(by);
}

export function returned({ returnedAt = Number.POSITIVE_INFINITY }: Operation): number {
  return returnedAt;
}

export function groups<T>(all: Iterable<T>, nameOf: (one: T) => string | undefined): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const name = nameOf(one);
    if (name === undefined) continue;
    const group = found.get(name);
    if (group === undefined) found.set(name, [one]);
    else group.push(one);
  }
  return found;
}
