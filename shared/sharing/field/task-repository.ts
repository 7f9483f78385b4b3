import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { SystemId } from '../sharing-id.ts';
import type { Task } from './task.ts';
import type { TaskId } from './task-id.ts';

export interface TaskRepository {
  /** As it is now. */
  load(taskId: TaskId): Promise<Task | undefined>;
  /** @param seen undefined: there was none. False where it is not as it was seen. */
  save(task: Task, seen: Task | undefined): Promise<boolean>;
  /** Open and taken ones of a city: hundreds at the most. */
  live(systemId: SystemId): Promise<readonly Task[]>;
  /** Open and taken ones of a vehicle. */
  ofVehicle(vehicleId: string): Promise<readonly Task[]>;
  /** Those that are over, the last one first. */
  over(systemId: SystemId, page: PageRequest): Promise<Page<Task>>;
}
