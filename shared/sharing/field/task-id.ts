/** Names what a task was raised for: who raises it again for the same finds the same task. */
export type TaskId = string & { readonly taskId: unique symbol };

export const taskIdPattern = /^tsk-[a-z0-9]+(?:-[a-z0-9]+)*$/;
export const longestTaskId = 120;

export function isTaskId(text: string): text is TaskId {
  return text.length <= longestTaskId && taskIdPattern.test(text);
}

/**
 * @param cause what it is raised for, `low-charge`, and which time that was: small letters, digits and single hyphens
 * @example taskIdOf('low-charge', vehicleId, booking.version)
 */
export function taskIdOf(...cause: readonly (string | number)[]): TaskId {
  const id = ['tsk', ...cause].join('-');
  if (!isTaskId(id)) throw new RangeError(`${id} is no id of a task`);
  return id;
}
