import type { Iam } from '#local/iam/iam.ts';
import type { Tracing } from '#local/trace/traces.ts';
import type { Broker } from '../broker/broker.ts';
import type { ReservedTopics } from '../broker/core.ts';
import type { DevicePolicies } from '../data-plane/data-plane.ts';
import type { Route } from '../registry/rest.ts';
import { DeviceOperations } from './device-operations.ts';
import { presignedDocuments } from './job-document.ts';
import { type DraftingOptions, drafting } from './job-draft.ts';
import { JobTemplates } from './job-templates.ts';
import { Jobs, type JobsOptions } from './jobs.ts';
import { JobsOnMqtt } from './jobs-on-mqtt.ts';
import { JobsDataPlane } from './routes/data-plane.ts';
import { eventConfigurationRoutes } from './routes/event-configurations.ts';
import { jobExecutionRoutes } from './routes/job-executions.ts';
import { jobTemplateRoutes } from './routes/job-templates.ts';
import { jobRoutes } from './routes/jobs.ts';

export interface JobsPartOptions extends Pick<JobsOptions, 'registry' | 'state' | 'clock' | 'log'> {
  readonly tracing: Tracing;
  readonly broker: Pick<Broker, 'publish' | 'answer'>;
  readonly iam: Pick<Iam, 'issueKey' | 'canAssume'>;
  readonly devicePolicies: DevicePolicies;
  /** The gateway's address, where devices fetch what is signed for them. */
  readonly endpoint: () => string;
  readonly readObject: DraftingOptions['readObject'];
  /** Executions a minute; undefined: as on AWS. */
  readonly ratePerMinute: number | undefined;
}

/** The parts of the jobs service, and the doors that lead to it. */
export interface JobsPart {
  readonly jobs: Jobs;
  readonly reserved: ReservedTopics;
  readonly dataPlane: JobsDataPlane;
  /** Of the control plane. */
  readonly routes: readonly Route[];
}

export function openJobs(options: JobsPartOptions): JobsPart {
  const { registry, state, clock, log, tracing, broker, iam, endpoint, ratePerMinute } = options;
  const { arns } = registry;
  const keyFor = (roleArn: string) => iam.issueKey(roleArn);
  const documents = presignedDocuments({ region: arns.region, clock, endpoint, keyFor });
  const jobs = new Jobs({
    ...{ registry, state, clock, log, tracing, documents, publish: broker.publish },
    ...(ratePerMinute !== undefined && { ratePerMinute }),
  });
  const operations = new DeviceOperations(jobs, documents);
  const templates = new JobTemplates(state);
  const trusts = (roleArn: string) => iam.canAssume(roleArn, 'iot.amazonaws.com');
  const draftOf = drafting({ arns, templates, readObject: options.readObject, trusts });
  return {
    jobs,
    reserved: new JobsOnMqtt({ operations, clock, answer: broker.answer, log }),
    dataPlane: new JobsDataPlane(operations, arns, options.devicePolicies),
    routes: [
      ...jobRoutes({ jobs, arns, draftOf }),
      ...jobExecutionRoutes(jobs, arns),
      ...jobTemplateRoutes({ jobs, templates, arns, clock, draftOf }),
      ...eventConfigurationRoutes(jobs.events),
    ],
  };
}
