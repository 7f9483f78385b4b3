import { z } from 'zod';
import type { Clock } from '#shared/kernel/clock.ts';
import type { Arns } from '../../registry/arns.ts';
import { invalidRequest, notFound } from '../../registry/errors.ts';
import { answer, done, type RestCall, type Route, seconds } from '../../registry/rest.ts';
import type { DraftWish, JobDraft } from '../job-draft.ts';
import {
  documentSource,
  jobDocument,
  jobIdPattern,
  jobSettings,
  maintenanceWindows,
  tags,
  text,
} from '../job-settings.ts';
import type { JobTemplate, JobTemplates } from '../job-templates.ts';
import type { Jobs } from '../jobs.ts';

const createTemplate = jobSettings.extend({
  description: text,
  jobArn: z.string().optional(),
  document: jobDocument.optional(),
  documentSource: documentSource.optional(),
  maintenanceWindows: maintenanceWindows.optional(),
  tags: tags.optional(),
});

export interface JobTemplateRoutesOptions {
  readonly jobs: Pick<Jobs, 'get'>;
  readonly templates: JobTemplates;
  readonly arns: Arns;
  readonly clock: Clock;
  readonly draftOf: (wish: DraftWish) => JobDraft;
}

/** Job templates. Those that AWS keeps for everybody are not here: the list of them is empty. */
export function jobTemplateRoutes(options: JobTemplateRoutesOptions): readonly Route[] {
  const { templates, arns } = options;
  const on = (action: string, call: RestCall) => [
    { action: `iot:${action}`, resource: arns.jobTemplate(templateIdOf(call)) },
  ];
  return [
    createRoute(options),
    {
      name: 'DescribeJobTemplate',
      method: 'GET',
      path: '/job-templates/{jobTemplateId}',
      understand: (call) => ({
        permissions: on('DescribeJobTemplate', call),
        run() {
          const { createdAt, ...template } = templates.get(templateIdOf(call));
          const jobTemplateArn = arns.jobTemplate(template.jobTemplateId);
          return answer({ jobTemplateArn, ...template, createdAt: seconds(createdAt) });
        },
      }),
    },
    {
      name: 'DeleteJobTemplate',
      method: 'DELETE',
      path: '/job-templates/{jobTemplateId}',
      understand: (call) => ({
        permissions: on('DeleteJobTemplate', call),
        run() {
          templates.delete(templateIdOf(call));
          return done();
        },
      }),
    },
    {
      name: 'ListJobTemplates',
      method: 'GET',
      path: '/job-templates',
      query: ['maxResults', 'nextToken'],
      understand: (call) => ({
        permissions: [{ action: 'iot:ListJobTemplates', resource: '*' }],
        run() {
          const { items, next } = call.page(templates.list(), ({ jobTemplateId }) => jobTemplateId);
          return answer({ jobTemplates: items.map((template) => listed(template, arns)), ...next });
        },
      }),
    },
    ...managedRoutes,
  ];
}

const managedRoutes: readonly Route[] = [
  {
    name: 'ListManagedJobTemplates',
    method: 'GET',
    path: '/managed-job-templates',
    query: ['templateName', 'maxResults', 'nextToken'],
    understand: () => ({
      permissions: [{ action: 'iot:ListManagedJobTemplates', resource: '*' }],
      run: () => answer({ managedJobTemplates: [] }),
    }),
  },
  {
    name: 'DescribeManagedJobTemplate',
    method: 'GET',
    path: '/managed-job-templates/{templateName}',
    query: ['templateVersion'],
    understand: (call) => ({
      permissions: [{ action: 'iot:DescribeManagedJobTemplate', resource: '*' }],
      run() {
        throw notFound(`The local cloud has no managed template ${call.parameter('templateName')}.`);
      },
    }),
  },
];

function createRoute({ jobs, templates, arns, clock, draftOf }: JobTemplateRoutesOptions): Route {
  return {
    name: 'CreateJobTemplate',
    method: 'PUT',
    path: '/job-templates/{jobTemplateId}',
    understand(call) {
      const { jobArn, tags: _, maintenanceWindows: windows, ...asked } = call.json(createTemplate);
      const jobTemplateArn = arns.jobTemplate(templateIdOf(call));
      const job = jobArn === undefined ? undefined : jobs.get(jobNamed(jobArn, arns));
      const wish = job === undefined ? asked : { ...asked, document: job.document };
      const draft = draftOf(wish);
      return {
        permissions: [
          { action: 'iot:CreateJobTemplate', resource: jobTemplateArn },
          ...(jobArn === undefined ? [] : [{ action: 'iot:CreateJobTemplate', resource: jobArn }]),
          ...draft.permissions,
        ],
        async run() {
          const { document, documentSource: source, ...settings } = await draft.complete();
          const template = { ...settings, description: asked.description, document, documentSource: source };
          const times = { maintenanceWindows: windows, createdAt: clock.now() };
          templates.create({ ...template, ...times, jobTemplateId: templateIdOf(call) }, jobTemplateArn);
          return answer({ jobTemplateArn, jobTemplateId: templateIdOf(call) });
        },
      };
    },
  };
}

function jobNamed(arn: string, arns: Arns): string {
  const start = arns.job('');
  if (!arn.startsWith(start)) throw invalidRequest(`"${arn}" is the ARN of no job.`);
  return arn.slice(start.length);
}

function templateIdOf(call: RestCall): string {
  const id = call.parameter('jobTemplateId');
  if (!jobIdPattern.test(id)) throw invalidRequest(`"${id}" is no valid id of a job template.`);
  return id;
}

function listed({ jobTemplateId, description, createdAt }: JobTemplate, arns: Arns) {
  const jobTemplateArn = arns.jobTemplate(jobTemplateId);
  return { jobTemplateArn, jobTemplateId, description, createdAt: seconds(createdAt) };
}
