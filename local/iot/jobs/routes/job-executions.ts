import { z } from 'zod';
import type { Arns } from '../../registry/arns.ts';
import { answer, done, type RestCall, type Route } from '../../registry/rest.ts';
import type { Execution } from '../execution.ts';
import { describedExecution, listedExecution } from '../job-description.ts';
import type { Jobs } from '../jobs.ts';
import { executionKey } from '../pending.ts';
import { jobIdOf } from './jobs.ts';

const cancelExecution = z.strictObject({
  expectedVersion: z.number().int().min(0).optional(),
  statusDetails: z.record(z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/), z.string().max(1024)).optional(),
});

/** Executions on the control plane. */
export function jobExecutionRoutes(jobs: Jobs, arns: Arns): readonly Route[] {
  const both = (action: string, call: RestCall) =>
    [arns.job(jobIdOf(call)), arns.thing(call.parameter('thingName'))].map((resource) => ({
      action: `iot:${action}`,
      resource,
    }));
  return [
    {
      name: 'DescribeJobExecution',
      method: 'GET',
      path: '/things/{thingName}/jobs/{jobId}',
      query: ['executionNumber'],
      understand(call) {
        const number = call.integer('executionNumber', 0, Number.MAX_SAFE_INTEGER);
        return {
          permissions: both('DescribeJobExecution', call),
          run() {
            const execution = jobs.execution(jobIdOf(call), call.parameter('thingName'), number);
            return answer({ execution: describedExecution(execution, arns, jobs.clock.now()) });
          },
        };
      },
    },
    {
      name: 'CancelJobExecution',
      method: 'PUT',
      path: '/things/{thingName}/jobs/{jobId}/cancel',
      query: ['force'],
      understand(call) {
        const wish = { ...call.json(cancelExecution), force: call.flag('force') };
        return {
          permissions: both('CancelJobExecution', call),
          run() {
            jobs.cancelExecution({ jobId: jobIdOf(call), thingName: call.parameter('thingName') }, wish);
            return done();
          },
        };
      },
    },
    {
      name: 'DeleteJobExecution',
      method: 'DELETE',
      path: '/things/{thingName}/jobs/{jobId}/executionNumber/{executionNumber}',
      query: ['force'],
      understand(call) {
        const number = Number(call.parameter('executionNumber'));
        const force = call.flag('force');
        return {
          permissions: both('DeleteJobExecution', call),
          run() {
            jobs.deleteExecution(jobIdOf(call), call.parameter('thingName'), number, force);
            return done();
          },
        };
      },
    },
    ...listRoutes(jobs, arns),
  ];
}

function listRoutes(jobs: Jobs, arns: Arns): readonly Route[] {
  const withStatus = (call: RestCall) => {
    const status = call.query('status');
    return (execution: Execution) => status === undefined || execution.status === status;
  };
  /** The order of the pages: by name and number, whatever the length of the number. */
  const place = (execution: Execution) => executionKey(execution).replace(/\d+$/, (number) => number.padStart(12, '0'));
  const inPlace = (executions: Iterable<Execution>, wanted: (execution: Execution) => boolean) =>
    [...executions].filter(wanted).sort((a, b) => (place(a) < place(b) ? -1 : 1));
  return [
    {
      name: 'ListJobExecutionsForJob',
      method: 'GET',
      path: '/jobs/{jobId}/things',
      query: ['status', 'maxResults', 'nextToken'],
      understand: (call) => ({
        permissions: [{ action: 'iot:ListJobExecutionsForJob', resource: arns.job(jobIdOf(call)) }],
        run() {
          const { jobId } = jobs.get(jobIdOf(call));
          const wanted = inPlace(jobs.records.executionsOf(jobId), withStatus(call));
          const { items, next } = call.page(wanted, place);
          const executionSummaries = items.map((execution) => ({
            thingArn: arns.thing(execution.thingName),
            jobExecutionSummary: listedExecution(execution),
          }));
          return answer({ executionSummaries, ...next });
        },
      }),
    },
    {
      name: 'ListJobExecutionsForThing',
      method: 'GET',
      path: '/things/{thingName}/jobs',
      query: ['status', 'maxResults', 'nextToken', 'jobId'],
      understand: (call) => ({
        permissions: [{ action: 'iot:ListJobExecutionsForThing', resource: arns.thing(call.parameter('thingName')) }],
        run() {
          const jobId = call.query('jobId');
          const all = jobs.executionsOfThing(call.parameter('thingName'));
          const ofJob = all.filter((execution) => jobId === undefined || execution.jobId === jobId);
          const { items, next } = call.page(inPlace(ofJob, withStatus(call)), place);
          const executionSummaries = items.map((execution) => ({
            jobId: execution.jobId,
            jobExecutionSummary: listedExecution(execution),
          }));
          return answer({ executionSummaries, ...next });
        },
      }),
    },
  ];
}
