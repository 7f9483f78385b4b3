import type { CountedTrip, FigureBook } from '#shared/sharing/field/figure-book.ts';
import { type Counted, summed } from '#shared/sharing/field/tally.ts';
import { isLive, type Task } from '#shared/sharing/field/task.ts';
import type { TaskRepository } from '#shared/sharing/field/task-repository.ts';
import type { VehicleWatch } from '#shared/sharing/field/watch.ts';
import type { TripKey } from '#shared/sharing/trips/trip.ts';

/** Figures without a table. */
export class MemoryFigureBook implements FigureBook {
  readonly #watches = new Map<string, VehicleWatch>();
  readonly #trips = new Map<string, CountedTrip>();
  counted: readonly Counted[] = [];

  async watch(systemId: string, vehicleId: string) {
    return this.#watches.get(`${systemId} ${vehicleId}`);
  }

  async saveWatch(next: VehicleWatch, seen: VehicleWatch | undefined, counts: readonly Counted[]) {
    if (counts.length > 90) throw new RangeError('A transaction holds no more');
    const name = `${next.systemId} ${next.vehicleId}`;
    if (this.#watches.get(name)?.version !== seen?.version) return false;
    this.#watches.set(name, next);
    this.counted = summed([...this.counted, ...counts]);
    return true;
  }

  async removeWatch({ systemId, vehicleId, version }: VehicleWatch) {
    const name = `${systemId} ${vehicleId}`;
    return this.#watches.get(name)?.version === version && this.#watches.delete(name);
  }

  async watches(systemId: string) {
    return [...this.#watches.values()].filter((watch) => watch.systemId === systemId);
  }

  async trip({ vehicleId, fence }: TripKey) {
    return this.#trips.get(`${vehicleId} ${fence}`);
  }

  async saveTrip(next: CountedTrip, seen: CountedTrip | undefined, counts: readonly Counted[]) {
    const name = `${next.vehicleId} ${next.fence}`;
    if (this.#trips.get(name)?.tripVersion !== seen?.tripVersion) return false;
    this.#trips.set(name, next);
    this.counted = summed([...this.counted, ...counts]);
    return true;
  }

  async counts(_: string, from: number, to: number) {
    return this.counted.filter(({ hour }) => hour >= from && hour < to);
  }
}

/** Tasks without a table. */
export class MemoryTasks implements TaskRepository {
  readonly all = new Map<string, Task>();

  async load(taskId: string) {
    return this.all.get(taskId);
  }

  async save(task: Task, seen: Task | undefined) {
    if (this.all.get(task.taskId)?.version !== seen?.version) return false;
    this.all.set(task.taskId, task);
    return true;
  }

  async live(systemId: string) {
    return [...this.all.values()].filter((task) => isLive(task) && task.systemId === systemId);
  }

  async ofVehicle(vehicleId: string) {
    return [...this.all.values()].filter((task) => isLive(task) && task.vehicleId === vehicleId);
  }

  async over(systemId: string) {
    return { items: [...this.all.values()].filter((task) => !isLive(task) && task.systemId === systemId) };
  }
}
