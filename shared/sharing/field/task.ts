import type { Instant } from '../../kernel/clock.ts';
import type { ServiceReason } from '../bookings/booked-vehicle.ts';
import type { OperatorId, SystemId } from '../sharing-id.ts';
import type { Place } from '../zones/zone.ts';
import type { TaskId } from './task-id.ts';
import { taskNotTaken, taskOver, taskTaken } from './task-refusals.ts';

export const taskKinds = ['charge', 'clean', 'move', 'service', 'inspect'] as const;
export type TaskKind = (typeof taskKinds)[number];

/** 1: today, before all others. */
export const priorities = [1, 2, 3] as const;
export type Priority = (typeof priorities)[number];

/** Something that somebody has to do at a vehicle. */
export interface Task {
  readonly taskId: TaskId;
  readonly systemId: SystemId;
  readonly operatorId: OperatorId;
  readonly vehicleId: string;
  readonly kind: TaskKind;
  /** One word for programs: `low-charge`, `outside-zone` … */
  readonly why: string;
  /** In the words of whoever raised it; names nobody. */
  readonly note?: string;
  readonly priority: Priority;
  readonly raisedAt: Instant;
  /** Nobody is shown it before: what is silent for a minute is back in two. */
  readonly from: Instant;
  /** Where the vehicle is to be. */
  readonly to?: Place;
  /** The vehicle is out of service for this reason, and comes back with the task done. */
  readonly bringsBack?: ServiceReason;
  /** A trip with the vehicle settles it: who drives it away has moved it. */
  readonly endsWithTrip?: true;
  readonly state: TaskState;
  /** Rises with each write. */
  readonly version: number;
}

/** Who does it: the machine client of the crew's app, and what the app calls the crew. */
export interface Crew {
  readonly clientId: string;
  readonly name: string;
}

export type TaskState =
  | { readonly status: 'open' }
  /** After `until` it is anybody's again. */
  | { readonly status: 'taken'; readonly by: Crew; readonly at: Instant; readonly until: Instant }
  | { readonly status: 'done'; readonly by: Crew; readonly at: Instant }
  | { readonly status: 'not-possible'; readonly by: Crew; readonly at: Instant; readonly reason: string }
  /** What it was for is gone by itself: somebody has charged it. */
  | { readonly status: 'withdrawn'; readonly at: Instant; readonly reason: string };

export type TaskStatus = TaskState['status'];
export const taskStatuses = ['open', 'taken', 'done', 'not-possible', 'withdrawn'] as const satisfies TaskStatus[];

/** ms for which a crew has a task to itself; taking it again makes it so long again. */
export const lease = 90 * 60_000;
/** ms for which tasks are kept that are over: a quarter of a year. */
export const keptFor = 92 * 86_400_000;

export function isLive({ state }: Task): boolean {
  return state.status === 'open' || state.status === 'taken';
}

/** As everybody may take it: a lease that is over is none. */
export function statusAt({ state }: Task, now: Instant): TaskStatus {
  return state.status === 'taken' && state.until <= now ? 'open' : state.status;
}

/** @throws Failure `task-taken`, `task-over` */
export function taken(task: Task, crew: Crew, now: Instant): Task {
  requireLive(task);
  const { state } = task;
  if (state.status === 'taken' && state.until > now && !isSame(state.by, crew)) throw taskTaken(state.until);
  return next(task, { status: 'taken', by: crew, at: now, until: now + lease });
}

/** Undefined where nobody has it, as when it was released before. @throws Failure `task-taken`, `task-over` */
export function released(task: Task, crew: Crew, now: Instant): Task | undefined {
  requireLive(task);
  if (task.state.status !== 'taken') return undefined;
  requireTheirs(task, crew, now);
  return next(task, { status: 'open' });
}

/** Undefined where they have said so before. @throws Failure `task-taken`, `task-not-taken`, `task-over` */
export function done(task: Task, crew: Crew, now: Instant): Task | undefined {
  if (task.state.status === 'done' && isSame(task.state.by, crew)) return undefined;
  requireTheirs(task, crew, now);
  return next(task, { status: 'done', by: crew, at: now });
}

/** Undefined where they have said so before. @throws as `done` */
export function notPossible(task: Task, crew: Crew, reason: string, now: Instant): Task | undefined {
  if (task.state.status === 'not-possible' && isSame(task.state.by, crew)) return undefined;
  requireTheirs(task, crew, now);
  return next(task, { status: 'not-possible', by: crew, at: now, reason });
}

/** Undefined where it is over. */
export function withdrawn(task: Task, reason: string, now: Instant): Task | undefined {
  return isLive(task) ? next(task, { status: 'withdrawn', at: now, reason }) : undefined;
}

/** A lease that is over and that nobody has taken since counts for who had it: the work was done. */
function requireTheirs(task: Task, crew: Crew, now: Instant): void {
  requireLive(task);
  const { state } = task;
  if (state.status !== 'taken') throw taskNotTaken();
  if (!isSame(state.by, crew)) throw state.until > now ? taskTaken(state.until) : taskNotTaken();
}

function requireLive(task: Task): void {
  const { state } = task;
  if (state.status !== 'open' && state.status !== 'taken') throw taskOver(state.status);
}

function isSame(one: Crew, other: Crew): boolean {
  return one.clientId === other.clientId && one.name === other.name;
}

function next(task: Task, state: TaskState): Task {
  return { ...task, state, version: task.version + 1 };
}
