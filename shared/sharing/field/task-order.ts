import type { Instant } from '../../kernel/clock.ts';
import type { ServiceReason } from '../bookings/booked-vehicle.ts';
import type { OperatorId, SystemId } from '../sharing-id.ts';
import type { Place } from '../zones/zone.ts';
import type { Priority, Task, TaskKind } from './task.ts';
import type { TaskId } from './task-id.ts';

/** What is to be done; raised twice for the same cause (`taskId`) it is one task. */
export interface TaskOrder {
  readonly taskId: TaskId;
  readonly kind: TaskKind;
  readonly systemId: SystemId;
  readonly operatorId: OperatorId;
  readonly vehicleId: string;
  /** One word: `low-charge`, `damage` … */
  readonly why: string;
  readonly note?: string;
  /** Absent: as usual for its kind. */
  readonly priority?: Priority;
  /** Absent: from now on. */
  readonly from?: Instant;
  readonly to?: Place;
  readonly bringsBack?: ServiceReason;
  readonly endsWithTrip?: true;
}

const usual: Readonly<Record<TaskKind, Priority>> = { inspect: 1, charge: 2, service: 2, clean: 3, move: 3 };

export function newTask({ priority, from, ...order }: TaskOrder, now: Instant): Task {
  return {
    ...order,
    priority: priority ?? usual[order.kind],
    raisedAt: now,
    from: from ?? now,
    state: { status: 'open' },
    version: 1,
  };
}

const kinds: Readonly<Record<TaskKind, string>> = {
  charge: 'Charge it or change its battery',
  clean: 'Clean it',
  move: 'Move it',
  service: 'Bring it back into order',
  inspect: 'Look at it',
};
const causes: Readonly<Record<string, string>> = {
  'low-charge': 'Charge it or change its battery; say its charge when done',
  maintenance: 'Do the maintenance that it is out of service for',
  recovery: 'Fetch it: a use of it was ended by force',
  silent: 'See whether it is there, and why it has no line',
  barred: 'See whether somebody has it still: it has not said that its last use is over',
  'outside-zone': 'Bring it to a place where a trip may end',
  relocation: 'Bring it to where people look for one',
};

/** What to do, in one sentence for people. */
export function whatToDo({ kind, why }: Pick<Task, 'kind' | 'why'>): string {
  return causes[why] ?? kinds[kind];
}
