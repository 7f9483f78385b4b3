import type { Instant } from '#shared/kernel/clock.ts';
import { deadlineOf, type Execution, type Pending } from './execution.ts';

/** The order in which a thing works: what it has begun, then what waits, each by when it was queued. */
export function inTurn(executions: Iterable<Pending>): readonly Pending[] {
  const rank = ({ status }: Pending) => (status === 'IN_PROGRESS' ? 0 : 1);
  return [...executions].sort((a, b) => rank(a) - rank(b) || a.sequence - b.sequence);
}

export function executionKey({ jobId, thingName, executionNumber }: Execution): string {
  return `${jobId}/${thingName}/${executionNumber}`;
}

/** What is told after a change: `set`, if other executions are pending; `front`, if another one is next. */
export function changeOf(before: readonly Pending[], after: readonly Pending[]): { set: boolean; front: boolean } {
  const former = new Set(before.map(executionKey));
  const set = before.length !== after.length || after.some((one) => !former.has(executionKey(one)));
  const [first, next] = [before[0], after[0]];
  const front = (first && executionKey(first)) !== (next && executionKey(next));
  return { set, front };
}

/** AWS IoT Jobs tells devices whole seconds. */
export const inSeconds = (instant: Instant): number => Math.floor(instant / 1000);

export function summaryOf(execution: Execution) {
  return {
    jobId: execution.jobId,
    queuedAt: inSeconds(execution.queuedAt),
    ...(startOf(execution) !== undefined && { startedAt: inSeconds(startOf(execution) ?? 0) }),
    lastUpdatedAt: inSeconds(execution.lastUpdatedAt),
    versionNumber: execution.versionNumber,
    executionNumber: execution.executionNumber,
  };
}

/** @param jobDocument an object over MQTT, text over HTTP; undefined: not asked for */
export function detailOf(execution: Execution, now: Instant, jobDocument: unknown) {
  return {
    thingName: execution.thingName,
    ...stateOf(execution),
    ...summaryOf(execution),
    ...secondsLeft(execution, now),
    ...(jobDocument !== undefined && { jobDocument }),
  };
}

export function stateOf({ status, statusDetails, versionNumber }: Execution) {
  const details = Object.keys(statusDetails).length > 0 && { statusDetails };
  return { status, ...details, versionNumber };
}

export function secondsLeft(execution: Execution, now: Instant) {
  const deadline = deadlineOf(execution, now);
  if (deadline === undefined) return {};
  return { approximateSecondsBeforeTimedOut: Math.max(0, Math.ceil((deadline - now) / 1000)) };
}

export function startOf(execution: Execution): Instant | undefined {
  return execution.status === 'QUEUED' ? undefined : execution.startedAt;
}

/** AWS IoT Jobs shows no more of what is pending, neither in answers nor in notifications. */
export const mostShown = 10;

/** The body of `jobs/notify`: the first ten, what is under way before what waits. */
export function pendingByStatus(pending: readonly Pending[]) {
  const shown = pending.slice(0, mostShown);
  const of = (wanted: Pending['status']) => {
    const list = shown.filter(({ status }) => status === wanted).map(summaryOf);
    return list.length > 0 ? { [wanted]: list } : {};
  };
  return { ...of('IN_PROGRESS'), ...of('QUEUED') };
}
