/** What is said of the failures around tasks of field staff and figures; part of the problem catalogue. */
export const fieldFailures = {
  'task-not-found': {
    kind: 'not-found',
    when: 'The city has no such task, or it was over a quarter of a year ago.',
    remedy: 'List them with `GET /v1/sharing/systems/{systemId}/tasks`.',
  },
  'task-taken': {
    kind: 'conflict',
    when: 'Another crew has taken the task, and its time for it is not over.',
    remedy: 'Take another one; `resolution` says when this one is free again.',
  },
  'task-not-taken': {
    kind: 'conflict',
    when: 'Whoever reports about a task has not taken it, or somebody else may have taken it since.',
    remedy: 'Take it first, and name the same `crew` in each call.',
  },
  'task-over': {
    kind: 'conflict',
    when: 'The task is done, was given up, or what it was for is gone by itself.',
    remedy: 'Leave it, and list what is left to do.',
  },
  'relocation-not-possible': {
    kind: 'conflict',
    when: 'The vehicle is not free, is in another city, or may not be left where it is to be brought.',
    remedy: 'Ask for suggestions again: `GET /v1/sharing/systems/{systemId}/relocations`.',
  },
  'period-not-usable': {
    kind: 'invalid',
    when: 'The period of figures is empty, or longer than one answer holds.',
    remedy: 'Ask for 31 days by the hour at the most, or 93 days by the day.',
  },
} as const;
