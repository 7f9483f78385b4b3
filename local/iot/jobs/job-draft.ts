import { z } from 'zod';
import type { Permission } from '#local/iam/principal.ts';
import type { Arns } from '../registry/arns.ts';
import { invalidRequest, notFound } from '../registry/errors.ts';
import { checkPlaceholders } from './job-document.ts';
import type { JobSettings, PresignedUrlConfig, SchedulingConfig } from './job-settings.ts';
import type { JobTemplates } from './job-templates.ts';
import { s3SourceOf } from './s3-source.ts';

const jsonObject = z.record(z.string(), z.unknown());
const mostBytes = 32_768;

/** The settings of a new job or template, and where its document is. */
export interface DraftWish extends JobSettings {
  readonly document?: string | undefined;
  readonly documentSource?: string | undefined;
  readonly jobTemplateArn?: string | undefined;
  readonly schedulingConfig?: SchedulingConfig | undefined;
}

/** A wish with its template and its document filled in. */
export type Draft = DraftWish & { readonly document: string };

export interface JobDraft {
  /** Beside that to create what the draft is for. */
  readonly permissions: readonly Permission[];
  /** Throws `AwsError`. */
  complete(): Promise<Draft>;
}

export interface DraftingOptions {
  readonly arns: Arns;
  readonly templates: JobTemplates;
  /** Undefined: there is no such object. */
  readonly readObject: (bucket: string, objectKey: string) => Promise<Buffer | undefined>;
  /** Whether the role lets AWS IoT act in its name. */
  readonly trusts: (roleArn: string) => boolean;
}

/** Reads documents from S3 with the caller's permissions, and fills in what a template says. */
export function drafting({ arns, templates, readObject, trusts }: DraftingOptions): (wish: DraftWish) => JobDraft {
  const fetched = async (address: string): Promise<string> => {
    const { bucket, objectKey } = sourceOf(address);
    const bytes = await readObject(bucket, objectKey);
    if (bytes === undefined) throw invalidRequest(`There is no document at ${address}.`);
    if (bytes.byteLength > mostBytes) throw invalidRequest(`A job document has at most ${mostBytes} bytes.`);
    return bytes.toString('utf8');
  };
  return (wish) => {
    const { document, documentSource, jobTemplateArn, presignedUrlConfig } = wish;
    const given = [document, documentSource, jobTemplateArn].filter((one) => one !== undefined);
    if (given.length !== 1)
      throw invalidRequest('Exactly one of document, documentSource and jobTemplateArn is given.');
    return {
      permissions: [
        ...reading(documentSource),
        ...(jobTemplateArn === undefined ? [] : [{ action: 'iot:CreateJob', resource: jobTemplateArn }]),
        ...passing(presignedUrlConfig),
      ],
      async complete() {
        const filled = jobTemplateArn === undefined ? wish : merged(wish, templateAt(jobTemplateArn));
        const draft = { ...filled, document: checked(filled.document ?? (await fetched(documentSource ?? ''))) };
        checkPlaceholders(draft);
        const { roleArn } = draft.presignedUrlConfig ?? {};
        if (roleArn !== undefined && !trusts(roleArn))
          throw invalidRequest(`AWS IoT may not assume the role ${roleArn}.`);
        return draft;
      },
    };
  };

  function templateAt(arn: string) {
    const jobTemplateId = arns.jobTemplateIn(arn);
    if (jobTemplateId === undefined) throw notFound(`There is no job template ${arn}.`);
    return templates.get(jobTemplateId);
  }
}

/** What the wish says goes before what the template says. */
function merged(wish: DraftWish, { maintenanceWindows, ...template }: ReturnType<JobTemplates['get']>): DraftWish {
  const { jobTemplateId: _, createdAt: __, ...settings } = template;
  const schedulingConfig =
    maintenanceWindows === undefined
      ? wish.schedulingConfig
      : { maintenanceWindows: [...maintenanceWindows], ...wish.schedulingConfig };
  const said = Object.entries(wish).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(said), ...(schedulingConfig !== undefined && { schedulingConfig }) };
}

function reading(address: string | undefined): readonly Permission[] {
  if (address === undefined) return [];
  const { bucket, objectKey } = sourceOf(address);
  return [{ action: 's3:GetObject', resource: `arn:aws:s3:::${bucket}/${objectKey}` }];
}

export function passing(config: PresignedUrlConfig | undefined): readonly Permission[] {
  return config?.roleArn === undefined ? [] : [{ action: 'iam:PassRole', resource: config.roleArn }];
}

function sourceOf(address: string) {
  const source = s3SourceOf(address);
  if (source === undefined) throw invalidRequest(`"${address}" is the address of no S3 object.`);
  return source;
}

function checked(text: string): string {
  try {
    jsonObject.parse(JSON.parse(text));
  } catch {
    throw invalidRequest('A job document is a JSON object.');
  }
  return text;
}
