import { z } from 'zod';
import type { Arns } from '../../registry/arns.ts';
import { invalidRequest } from '../../registry/errors.ts';
import { answer, done, type RestCall, type Route } from '../../registry/rest.ts';
import type { TargetSelection } from '../job.ts';
import { describedJob, listedJob } from '../job-description.ts';
import { type DraftWish, type JobDraft, passing } from '../job-draft.ts';
import {
  documentSource,
  jobDocument,
  jobIdPattern,
  jobSettings,
  schedulingConfig,
  tags,
  text,
} from '../job-settings.ts';
import type { Jobs } from '../jobs.ts';

const createJob = jobSettings.extend({
  targets: z.array(z.string().max(2048)).min(1).max(100),
  targetSelection: z.enum(['SNAPSHOT', 'CONTINUOUS']).default('SNAPSHOT'),
  document: jobDocument.optional(),
  documentSource: documentSource.optional(),
  jobTemplateArn: z.string().max(1600).optional(),
  schedulingConfig: schedulingConfig.optional(),
  tags: tags.optional(),
});

const cancelJob = z.strictObject({
  reasonCode: z
    .string()
    .max(128)
    .regex(/^[\p{Lu}\p{Nd}_]+$/u)
    .optional(),
  comment: text.optional(),
});

const associate = z.strictObject({ targets: z.array(z.string().max(2048)).min(1).max(100), comment: text.optional() });

export interface JobRoutesOptions {
  readonly jobs: Jobs;
  readonly arns: Arns;
  readonly draftOf: (wish: DraftWish) => JobDraft;
}

export function jobIdOf(call: RestCall): string {
  const jobId = call.parameter('jobId');
  if (!jobIdPattern.test(jobId)) throw invalidRequest(`"${jobId}" is no valid job id.`);
  return jobId;
}

/** Jobs on the control plane. */
export function jobRoutes(options: JobRoutesOptions): readonly Route[] {
  const { jobs, arns } = options;
  const on = (action: string, call: RestCall) => [{ action: `iot:${action}`, resource: arns.job(jobIdOf(call)) }];
  return [
    createRoute(options),
    {
      name: 'DescribeJob',
      method: 'GET',
      path: '/jobs/{jobId}',
      query: ['beforeSubstitution'],
      understand: (call) => ({
        permissions: on('DescribeJob', call),
        run() {
          const job = jobs.get(jobIdOf(call));
          const described = describedJob(job, arns, jobs.records.tally(job.jobId), jobs.isConcurrent(job));
          return answer({ documentSource: job.documentSource, job: described });
        },
      }),
    },
    {
      name: 'GetJobDocument',
      method: 'GET',
      path: '/jobs/{jobId}/job-document',
      query: ['beforeSubstitution'],
      understand: (call) => ({
        permissions: on('GetJobDocument', call),
        run: () => answer({ document: jobs.get(jobIdOf(call)).document }),
      }),
    },
    {
      name: 'UpdateJob',
      method: 'PATCH',
      path: '/jobs/{jobId}',
      understand(call) {
        const settings = call.json(jobSettings);
        return {
          permissions: [...on('UpdateJob', call), ...passing(settings.presignedUrlConfig)],
          run() {
            jobs.update(jobIdOf(call), settings);
            return done();
          },
        };
      },
    },
    {
      name: 'CancelJob',
      method: 'PUT',
      path: '/jobs/{jobId}/cancel',
      query: ['force'],
      understand(call) {
        const { reasonCode, comment } = call.json(cancelJob);
        const words = { ...(reasonCode !== undefined && { reasonCode }), ...(comment !== undefined && { comment }) };
        const force = call.flag('force');
        return {
          permissions: on('CancelJob', call),
          run() {
            const { jobId, description } = jobs.cancel(jobIdOf(call), force, words);
            return answer({ jobArn: arns.job(jobId), jobId, description });
          },
        };
      },
    },
    {
      name: 'DeleteJob',
      method: 'DELETE',
      path: '/jobs/{jobId}',
      query: ['force'],
      understand(call) {
        const force = call.flag('force');
        return {
          permissions: on('DeleteJob', call),
          run() {
            jobs.delete(jobIdOf(call), force);
            return done();
          },
        };
      },
    },
    associateRoute(options),
    listRoute(options),
  ];
}

function createRoute({ jobs, arns, draftOf }: JobRoutesOptions): Route {
  return {
    name: 'CreateJob',
    method: 'PUT',
    path: '/jobs/{jobId}',
    understand(call) {
      const { tags: given, targets, targetSelection, ...wish } = call.json(createJob);
      const jobArn = arns.job(jobIdOf(call));
      const draft = draftOf(wish);
      return {
        // The job and each of its targets is a resource that a policy has to name.
        permissions: [
          ...[jobArn, ...targets].map((resource) => ({ action: 'iot:CreateJob', resource })),
          ...(given === undefined ? [] : [{ action: 'iot:TagResource', resource: jobArn }]),
          ...draft.permissions,
        ],
        async run() {
          const job = { ...(await draft.complete()), targets, targetSelection, jobId: jobIdOf(call) };
          const { jobId, description } = jobs.create(job, jobArn);
          return answer({ jobArn, jobId, description });
        },
      };
    },
  };
}

function associateRoute({ jobs, arns }: JobRoutesOptions): Route {
  return {
    name: 'AssociateTargetsWithJob',
    method: 'POST',
    path: '/jobs/{jobId}/targets',
    understand(call) {
      const { targets, comment } = call.json(associate);
      const jobArn = arns.job(jobIdOf(call));
      return {
        permissions: [jobArn, ...targets].map((resource) => ({ action: 'iot:AssociateTargetsWithJob', resource })),
        run() {
          const { jobId, description } = jobs.associate(jobIdOf(call), targets, comment);
          return answer({ jobArn, jobId, description });
        },
      };
    },
  };
}

function listRoute({ jobs, arns }: JobRoutesOptions): Route {
  return {
    name: 'ListJobs',
    method: 'GET',
    path: '/jobs',
    query: ['status', 'targetSelection', 'maxResults', 'nextToken', 'thingGroupName'],
    understand(call) {
      const status = call.query('status');
      const selection: TargetSelection | string | undefined = call.query('targetSelection');
      const group = call.query('thingGroupName');
      return {
        permissions: [{ action: 'iot:ListJobs', resource: '*' }],
        run() {
          const wanted = jobs
            .list()
            .filter(({ state }) => status === undefined || state.status === status)
            .filter(({ targetSelection }) => selection === undefined || targetSelection === selection)
            .filter(({ targets }) => group === undefined || targets.includes(arns.thingGroup(group)));
          const { items, next } = call.page(wanted, ({ jobId }) => jobId);
          return answer({ jobs: items.map((job) => listedJob(job, arns, jobs.isConcurrent(job))), ...next });
        },
      };
    },
  };
}
