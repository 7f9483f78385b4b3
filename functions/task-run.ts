import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import type { RunResult, RunTime } from '#shared/transfers/task.ts';
import { logger } from './observability.ts';

/** What a step may take at worst, and the hand-over behind it. */
const reserve = 12_000;
/** Lambda ends a function punctually; clocks differ by less. */
const margin = 2_000;

const continuation = z.object({ taskId: z.string() });

/** @param body what `SqsContinuations` sends */
export function taskIdIn(body: string): string {
  return continuation.parse(JSON.parse(body)).taskId;
}

export function runTime(context: Context): RunTime {
  const left = () => context.getRemainingTimeInMillis();
  return { mayGoOn: () => left() > reserve, goneAt: Date.now() + left() + margin };
}

export function noteRun(taskId: string, result: RunResult): void {
  if (result.kind === 'failed') {
    const { error } = result;
    logger.warn('run broken off', { taskId, error: error instanceof Error ? error : String(error) });
  } else logger.info('run', { taskId, result: result.kind });
}
