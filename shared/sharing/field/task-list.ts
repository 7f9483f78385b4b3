import type { Caller } from '../../access/caller.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import type { CitySnapshots } from '../search/city-snapshots.ts';
import { distanceBetween } from '../search/distance.ts';
import type { Listing } from '../search/listing.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { SystemId } from '../sharing-id.ts';
import type { Place } from '../zones/zone.ts';
import { statusAt, type Task, type TaskKind } from './task.ts';
import type { TaskRepository } from './task-repository.ts';

/** With what a search knows of the vehicle: half a minute old at the most. */
export interface ListedTask {
  readonly task: Task;
  readonly listing?: Listing;
  /** Metres as the crow flies; absent where nobody asked, or the vehicle has not said where it is. */
  readonly distance?: number;
}

export interface TaskQuery {
  readonly status: 'open' | 'taken';
  readonly kind?: TaskKind;
  readonly near?: Place;
}

export interface TaskListPorts {
  readonly door: Pick<SharingDoor, 'system'>;
  readonly tasks: Pick<TaskRepository, 'live'>;
  readonly cities: Pick<CitySnapshots, 'city'>;
  readonly clock: Clock;
}

/** What there is to do in a city: what is urgent first, of that what is near, of that what waits longest. */
export class TaskList {
  readonly #ports: TaskListPorts;

  constructor(ports: TaskListPorts) {
    this.#ports = ports;
  }

  async of(caller: Caller, systemId: SystemId, { status, kind, near }: TaskQuery): Promise<readonly ListedTask[]> {
    const { door, tasks, clock } = this.#ports;
    await door.system(caller, systemId);
    const now = clock.now();
    const live = await tasks.live(systemId);
    const asked = live.filter(
      (task) => statusAt(task, now) === status && isDue(task, now) && (kind === undefined || task.kind === kind),
    );
    const listed = await this.described(systemId, asked);
    const ordered = listed.map((one) => withDistance(one, near));
    return ordered.toSorted((one, other) => byUrgency(urgencyOf(one), urgencyOf(other)));
  }

  async described(systemId: SystemId, tasks: readonly Task[]): Promise<readonly ListedTask[]> {
    if (tasks.length === 0) return [];
    const city = await this.#ports.cities.city(systemId);
    const listings = new Map([...(city?.listings ?? [])].map((listing) => [listing.vehicleId, listing]));
    return tasks.map((task) => {
      const listing = listings.get(task.vehicleId);
      return listing === undefined ? { task } : { task, listing };
    });
  }
}

/** Whoever has taken one keeps seeing it. */
function isDue({ from, state }: Task, now: Instant): boolean {
  return from <= now || state.status === 'taken';
}

function withDistance(one: ListedTask, near: Place | undefined): ListedTask {
  const place = one.listing?.status?.place;
  return near === undefined || place === undefined ? one : { ...one, distance: distanceBetween(near, place) };
}

/** What the order goes by. */
export interface Urgency extends Pick<Task, 'priority' | 'raisedAt' | 'taskId'> {
  readonly distance: number;
}

export function urgencyOf({ task: { priority, raisedAt, taskId }, distance = Infinity }: ListedTask): Urgency {
  return { priority, distance, raisedAt, taskId };
}

export function byUrgency(one: Urgency, other: Urgency): number {
  if (one.priority !== other.priority) return one.priority - other.priority;
  if (one.distance !== other.distance) return one.distance - other.distance;
  if (one.raisedAt !== other.raisedAt) return one.raisedAt - other.raisedAt;
  return one.taskId < other.taskId ? -1 : Number(one.taskId > other.taskId);
}
