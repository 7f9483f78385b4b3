import type { MdsPosition } from '#shared/sharing/mds.ts';
import type { Finding } from './finding.ts';
import type { CarSeen, Operation } from './history.ts';
import { isReachable, positionOf, walked } from './mds-walk.ts';
import { latestClock } from './occupancy.ts';
import { isRelease } from './releases.ts';
import type { Use } from './uses.ts';
import { between, found, type Version } from './version-order.ts';

/** All that is known of one car, its versions in their order. */
export interface CarCourse {
  readonly car: string;
  readonly versions: readonly Version[];
  readonly uses: ReadonlyMap<string, Use>;
  /** Releases of the car that were not refused. */
  readonly releases: readonly Operation[];
  readonly guard: number;
  readonly skew: number;
}

/** Each change from one version to the next: the fence, the state, and who may follow whom. */
export function courseFindings(course: CarCourse): Finding[] {
  const { car, versions } = course;
  const released = new Releases(course.releases);
  return [
    ...between(versions).flatMap(([before, after]) => [
      ...fenceFindings(car, before, after),
      ...stateFindings(car, before, after),
      ...(isNext(before, after) ? holderFindings(course, released, before, after) : []),
    ]),
    ...toldFindings(course),
    ...keyFindings(course),
  ];
}

function isNext(before: Version, after: Version): boolean {
  return after.version === before.version + 1;
}

function fenceFindings(car: string, before: Version, after: Version): Finding[] {
  const [{ fence: from, reservation: old }, { fence: to, reservation: its }] = [before.seen, after.seen];
  if (from === undefined || to === undefined || old === undefined || its === undefined) return [];
  const isAnother = typeof its === 'string' && its !== old;
  const writes = after.version - before.version;
  // Between two versions that were not seen, others may have had it and lost it again.
  const most = from + (writes === 1 ? Number(isAnother) : old === its && its !== null ? 0 : writes);
  if (to >= from + Number(isAnother) && to <= most) return [];
  const who = `${old ?? 'nobody'} to ${its ?? 'nobody'}`;
  return [
    found('fence', `${car}: the fence went from ${from} to ${to} as the holder went from ${who}.`, before, after),
  ];
}

function stateFindings(car: string, before: Version, after: Version): Finding[] {
  if (!isNext(before, after)) return [];
  const [from, to] = [placeOf(before.seen), placeOf(after.seen)];
  if (from === undefined || to === undefined || isReachable(from, to)) return [];
  const way = `${[...(from.former ?? []), from.state].join(', ')} to ${[...(to.former ?? []), to.state].join(', ')}`;
  return [found('transition', `${car}: nothing leads from ${way}.`, before, after)];
}

/** What is told of it, event by event, is a way that MDS has, and leads to where it is. */
function toldFindings({ car, versions }: CarCourse): Finding[] {
  const findings: Finding[] = [];
  let position: MdsPosition | undefined;
  let before: Version | undefined;
  for (const after of versions) {
    const here = placeOf(after.seen);
    const isKnown = before !== undefined && isNext(before, after) && after.seen.moves !== undefined;
    const reached = isKnown && position !== undefined ? walked(position, after.seen.moves ?? []) : undefined;
    if (isKnown && position !== undefined && (reached === undefined || (here && here.state !== reached.state))) {
      const moves = after.seen.moves?.join(', ') || 'nothing';
      const text = `${car}: ${moves} does not lead from ${position.state} to ${here?.state}.`;
      findings.push(found('transition', text, ...(before === undefined ? [] : [before]), after));
    }
    const isHome = here !== undefined && here.former === undefined;
    position = isHome ? here : isKnown && here?.state === reached?.state ? reached : undefined;
    before = after;
  }
  return findings;
}

function placeOf({ state, former }: CarSeen): MdsPosition | undefined {
  return state === undefined ? undefined : positionOf(state, former);
}

function holderFindings(
  { car, uses, guard, skew }: CarCourse,
  released: Releases,
  before: Version,
  after: Version,
): Finding[] {
  const [{ reservation: old, expiresAt, startedAt }, { reservation: its }] = [before.seen, after.seen];
  if (typeof old !== 'string' || its === undefined || its === old) return [];
  const ways = released.of(old);
  if (its === null) {
    if (ways.some(({ operation }) => operation !== 'expire')) return [];
    const isOver = ways.some(({ clock }) => (clock?.returned ?? Number.POSITIVE_INFINITY) > (expiresAt ?? 0));
    if (isOver) return [];
    const why = ways.length === 0 ? 'nobody released it' : `its hold goes on until ${expiresAt}`;
    return [found('released-too-soon', `${car}: ${old} lost it, though ${why}.`, before, after)];
  }
  const use = uses.get(its);
  const latest = use === undefined ? Number.POSITIVE_INFINITY : latestClock(use.attempts, skew);
  const isOver = expiresAt === undefined || expiresAt + guard < latest;
  if (isOver && startedAt === undefined) return [];
  const why =
    startedAt === undefined ? `before its expiry ${expiresAt} and ${guard} ms more` : 'in the middle of its use';
  return [found('claimed-too-soon', `${car}: ${its} took it from ${old} ${why}.`, before, after)];
}

/** While a key lives that was issued, nobody else holds the car, unless it has said that it admits a later fence alone. */
function keyFindings({ car, versions, uses, guard, skew }: CarCourse): Finding[] {
  let key: { readonly until: number; readonly of: string; readonly fence: number } | undefined;
  return between(versions).flatMap(([before, after]) => {
    const { reservation: old, keyUntil, fence } = before.seen;
    if (typeof old === 'string' && keyUntil !== undefined && fence !== undefined)
      key = { until: keyUntil, of: old, fence };
    const { reservation: its } = after.seen;
    if (key === undefined || typeof its !== 'string' || its === key.of || its === old) return [];
    const use = uses.get(its);
    const latest = use === undefined ? Number.POSITIVE_INFINITY : latestClock(use.attempts, skew);
    const admits = Math.max(before.seen.admits ?? 0, after.seen.admits ?? 0);
    if (key.until + guard < latest || admits > key.fence) return [];
    const text = `${car}: ${its} got it while the key of ${key.of} opens it until ${key.until}.`;
    return [found('key-still-good', text, before, after)];
  });
}

/** Who may have released what: those that name it, and those that name the car alone. */
class Releases {
  readonly #byReservation = new Map<string, Operation[]>();
  readonly #nameless: readonly Operation[];

  constructor(operations: readonly Operation[]) {
    const all = operations.filter((one) => isRelease(one) && one.outcome !== 'refused');
    this.#nameless = all.filter(({ reservation }) => reservation === undefined);
    for (const one of all) {
      if (one.reservation === undefined) continue;
      this.#byReservation.set(one.reservation, [...(this.#byReservation.get(one.reservation) ?? []), one]);
    }
  }

  of(reservation: string): readonly Operation[] {
    return [...(this.#byReservation.get(reservation) ?? []), ...this.#nameless];
  }
}
