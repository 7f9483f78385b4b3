import type { Collection, State } from '#local/state/collection.ts';
import type { Instant } from '#shared/kernel/clock.ts';
import { alreadyExists, notFound } from '../registry/errors.ts';
import { inOrder } from '../registry/records.ts';
import type { JobSettings, MaintenanceWindow } from './job-settings.ts';

/** What jobs have in common that somebody makes again and again. */
export interface JobTemplate extends JobSettings {
  readonly jobTemplateId: string;
  readonly description: string;
  readonly document: string;
  readonly documentSource?: string | undefined;
  readonly maintenanceWindows?: readonly MaintenanceWindow[] | undefined;
  readonly createdAt: Instant;
}

/** Job templates of the account. Throws `AwsError`. */
export class JobTemplates {
  readonly #templates: Collection<JobTemplate>;

  constructor(state: State) {
    this.#templates = state.collection('iot/job-templates');
  }

  create(template: JobTemplate, arn: string): void {
    const { jobTemplateId } = template;
    if (this.#templates.has(jobTemplateId)) {
      throw alreadyExists(`The job template ${jobTemplateId} already exists.`, jobTemplateId, arn);
    }
    this.#templates.set(jobTemplateId, template);
  }

  get(jobTemplateId: string): JobTemplate {
    const template = this.#templates.get(jobTemplateId);
    if (template === undefined) throw notFound(`The job template ${jobTemplateId} does not exist.`);
    return template;
  }

  list(): readonly JobTemplate[] {
    return inOrder(this.#templates.values(), ({ jobTemplateId }) => jobTemplateId);
  }

  delete(jobTemplateId: string): void {
    this.get(jobTemplateId);
    this.#templates.delete(jobTemplateId);
  }
}
