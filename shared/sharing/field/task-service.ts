import type { Caller } from '../../access/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { SystemId } from '../sharing-id.ts';
import { type Crew, done, notPossible, released, type Task, taken, withdrawn } from './task.ts';
import type { TaskId } from './task-id.ts';
import { newTask, type TaskOrder } from './task-order.ts';
import { taskNotFound } from './task-refusals.ts';
import type { TaskRepository } from './task-repository.ts';

export interface TaskPorts {
  readonly tasks: TaskRepository;
  readonly clock: Clock;
}

/** Raises tasks and takes them back: what happens by itself, and what others ask for. */
export class TaskDesk {
  readonly #ports: TaskPorts;

  constructor(ports: TaskPorts) {
    this.#ports = ports;
  }

  /** As often as it is asked for the same cause, once; one that is over stays so. */
  async raise(order: TaskOrder): Promise<{ readonly created: boolean; readonly task: Task }> {
    const { tasks, clock } = this.#ports;
    return untilSaved(async () => {
      const task = newTask(order, clock.now());
      if (await tasks.save(task, undefined)) return { created: true, task };
      const known = await tasks.load(order.taskId);
      return known && { created: false, task: known };
    });
  }

  /** Nothing where it is over, or was never raised. */
  async withdraw(taskId: TaskId, reason: string): Promise<void> {
    const { tasks, clock } = this.#ports;
    await untilSaved(async () => {
      const seen = await tasks.load(taskId);
      const next = seen && withdrawn(seen, reason, clock.now());
      return next === undefined || (await tasks.save(next, seen)) || undefined;
    });
  }

  /** Somebody has driven it: what a trip settles is settled. */
  async driven(vehicleId: string): Promise<void> {
    const live = await this.#ports.tasks.ofVehicle(vehicleId);
    const settled = live.filter(({ endsWithTrip }) => endsWithTrip === true);
    await Promise.all(settled.map(({ taskId }) => this.withdraw(taskId, 'driven-away')));
  }
}

export interface CrewPorts extends TaskPorts {
  readonly door: Pick<SharingDoor, 'system'>;
  readonly returns: { bringBack(caller: Caller, task: Task, charge?: number): Promise<void> };
}

/** ms within which the same report of a crew is a second try. */
const repeatable = 10 * 60_000;

/** What crews do with tasks. */
export class TaskService {
  readonly #ports: CrewPorts;

  constructor(ports: CrewPorts) {
    this.#ports = ports;
  }

  /** @throws Failure `task-not-found` */
  async require(caller: Caller, systemId: SystemId, taskId: TaskId): Promise<Task> {
    await this.#ports.door.system(caller, systemId);
    const task = await this.#ports.tasks.load(taskId);
    if (task === undefined || task.systemId !== systemId) throw taskNotFound();
    return task;
  }

  async over(caller: Caller, systemId: SystemId, page: PageRequest): Promise<Page<Task>> {
    await this.#ports.door.system(caller, systemId);
    return this.#ports.tasks.over(systemId, page);
  }

  /** One crew has it: again, it has it for longer. @throws Failure `task-taken`, `task-over` */
  take(caller: Caller, systemId: SystemId, taskId: TaskId, crew: Crew): Promise<Task> {
    return this.#changed(caller, systemId, taskId, (task, now) => taken(task, crew, now));
  }

  release(caller: Caller, systemId: SystemId, taskId: TaskId, crew: Crew): Promise<Task> {
    return this.#changed(caller, systemId, taskId, (task, now) => released(task, crew, now));
  }

  notPossible(caller: Caller, systemId: SystemId, taskId: TaskId, crew: Crew, reason: string): Promise<Task> {
    return this.#changed(caller, systemId, taskId, (task, now) => notPossible(task, crew, reason, now));
  }

  /**
   * The task first: a vehicle that comes back takes back what was raised for it. Who says it again, as after a crash in
   * between, has the vehicle brought back; much later it may be out of service for something else.
   *
   * @param charge percent, as the crew has read it
   */
  async done(caller: Caller, systemId: SystemId, taskId: TaskId, crew: Crew, charge?: number): Promise<Task> {
    const { returns, clock } = this.#ports;
    const task = await this.#changed(caller, systemId, taskId, (seen, now) => done(seen, crew, now));
    const isFresh = task.state.status === 'done' && clock.now() - task.state.at < repeatable;
    if (isFresh) await returns.bringBack(caller, task, charge);
    return task;
  }

  #changed(
    caller: Caller,
    systemId: SystemId,
    taskId: TaskId,
    decide: (task: Task, now: number) => Task | undefined,
  ): Promise<Task> {
    const { tasks, clock } = this.#ports;
    return untilSaved(async () => {
      const seen = await this.require(caller, systemId, taskId);
      const next = decide(seen, clock.now());
      if (next === undefined) return seen;
      return (await tasks.save(next, seen)) ? next : undefined;
    });
  }
}
