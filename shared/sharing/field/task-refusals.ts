import type { Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';

export function taskNotFound(): Failure {
  return new Failure('not-found', 'task-not-found', 'There is no such task in this city.', {
    resolution: 'GET /v1/sharing/systems/{systemId}/tasks lists them.',
  });
}

/** Who has it is nobody else's business. */
export function taskTaken(until: Instant): Failure {
  return new Failure('conflict', 'task-taken', 'Another crew has taken the task.', {
    resolution: `Take another one; this one is free again when they release it, or at ${new Date(until).toISOString()}.`,
  });
}

export function taskNotTaken(): Failure {
  return new Failure('conflict', 'task-not-taken', 'This crew has not taken the task, or its time for it is over.', {
    resolution: 'POST …/take first, with the same `crew`.',
  });
}

export function taskOver(status: string): Failure {
  const how = status === 'withdrawn' ? 'What it was for is gone by itself.' : `It is ${status}.`;
  return new Failure('conflict', 'task-over', `The task is over. ${how}`, {
    resolution: 'Leave it; GET …/tasks lists what is left to do.',
  });
}
