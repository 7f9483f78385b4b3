import { courseFindings } from './car-course.ts';
import { chargeFindings } from './charges.ts';
import type { Finding } from './finding.ts';
import type { History, Operation } from './history.ts';
import { occupancyFindings } from './occupancy.ts';
import { personFindings } from './person-course.ts';
import { isRelease } from './releases.ts';
import { requestFindings } from './requests.ts';
import { groups, type Sight, sightsOf, type Uses, usesOf } from './uses.ts';
import { type Version, versionFindings, versionsOf } from './version-order.ts';

/** All that a history of bookings proves to be wrong, from what was asked and answered alone. */
export function judge(history: History): Finding[] {
  const sights = sightsOf(history);
  const uses = usesOf(history, sights);
  const { guard, skew } = history.head;
  const releases = groups(history.operations.filter(isRelease), ({ car, reservation = '' }) => {
    return car ?? uses.byReservation.get(reservation)?.car;
  });
  const cars = [...groups(sights, ({ seen }) => seen.car)].flatMap(([car, its]) => {
    const versions = versionsOf(its);
    const course = { car, versions, uses: uses.byReservation, releases: releases.get(car) ?? [], guard, skew };
    return [
      ...versionFindings(history, car, its),
      ...courseFindings(course),
      ...lostHolds(history, car, versions, uses),
    ];
  });
  return [
    ...uses.findings,
    ...occupancyFindings(history, uses, sights),
    ...cars,
    ...personFindings(history, uses.byReservation),
    ...movedHolds(sights),
    ...lateStarts(history, sights),
    ...requestFindings(history.operations),
    ...chargeFindings(history, uses.byReservation),
  ];
}

/** Where every version is known, each confirmed hold is among them. */
function lostHolds({ head }: History, car: string, versions: readonly Version[], { byReservation }: Uses): Finding[] {
  if (!head.complete || versions.length === 0) return [];
  const seen = new Set(versions.map((version) => version.seen.reservation));
  const lost = [...byReservation.values()].filter((use) => {
    return use.car === car && use.confirmed && !seen.has(use.reservation);
  });
  return lost.map(({ reservation, attempts }): Finding => {
    const text = `${car}: ${reservation} was confirmed, and no version of the car shows it.`;
    return { rule: 'hold-lost', text, operations: attempts.map(({ id }) => id) };
  });
}

function movedHolds(sights: readonly Sight[]): Finding[] {
  const firsts = new Map<string, Sight>();
  return sights.flatMap((sight): Finding[] => {
    const { car, reservation, fence, person } = sight.seen;
    if (typeof reservation !== 'string') return [];
    const first = firsts.get(reservation) ?? sight;
    firsts.set(reservation, { ...first, seen: { ...sight.seen, ...first.seen } });
    const isSame = first.seen.car === car && same(first.seen.fence, fence) && same(first.seen.person, person);
    if (isSame) return [];
    const [one, other] = [first, sight].map(({ seen }) => `${seen.car} (fence ${seen.fence}, ${seen.person})`);
    const text = `${reservation} is on ${one} and on ${other}.`;
    return [{ rule: 'hold-twice', text, operations: [first.by.id, sight.by.id] }];
  });
}

function same<T>(one: T | undefined, other: T | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

/** A hold that is over by the vehicle's own clock begins no use. */
function lateStarts({ head, operations }: History, sights: readonly Sight[]): Finding[] {
  const last = new Map<string, number>();
  for (const { reservation, expiresAt } of sights.map(({ seen }) => seen)) {
    if (typeof reservation !== 'string' || expiresAt === undefined) continue;
    last.set(reservation, Math.max(expiresAt, last.get(reservation) ?? 0));
  }
  const startedAt = new Map<Operation, number>();
  for (const { seen, by } of sights) {
    if (by.operation === 'start' && seen.startedAt !== undefined) startedAt.set(by, seen.startedAt);
  }
  return operations.flatMap((one): Finding[] => {
    if (one.operation !== 'start' || one.outcome !== 'done' || one.reservation === undefined) return [];
    const at = startedAt.get(one) ?? one.clock?.invoked ?? 0;
    const expiry = last.get(one.reservation);
    if (expiry === undefined || at <= expiry + head.skew) return [];
    const text = `${one.reservation} was started at ${at}, and its hold went until ${expiry}.`;
    return [{ rule: 'started-too-late', text, operations: [one.id] }];
  });
}
