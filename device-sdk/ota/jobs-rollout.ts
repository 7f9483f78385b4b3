import * as z from 'zod/mini';
import type { UpdateJobDocument } from '#shared/vehicle-cloud/update-envelopes.ts';
import { type Cancel, type Host, type Log, reasonOf } from '../host.ts';
import { parseJson } from '../storage.ts';
import type { Rollout } from './rollout.ts';

/** Milliseconds. */
const answerTimeout = 10_000;
const askAgain = 10_000;

const summarySchema = z.object({ jobId: z.string(), executionNumber: z.optional(z.number()) });
type Summary = z.infer<typeof summarySchema>;
const listSchema = z.object({ inProgressJobs: z.array(summarySchema), queuedJobs: z.array(summarySchema) });
const notifySchema = z.object({ jobs: z.record(z.string(), z.array(summarySchema)) });
const documentSchema = z.object({
  fleetloom: z.literal('update'),
  campaignId: z.exactOptional(z.string()),
}) satisfies z.ZodMiniType<UpdateJobDocument>;
const executionSchema = z.object({ execution: z.optional(z.object({ jobDocument: z.optional(z.unknown()) })) });
const rejectionSchema = z.object({ code: z.string(), message: z._default(z.string(), '') });

/** AWS says so where there is nothing left to be changed. */
const void_ = ['InvalidStateTransition', 'TerminalStateReached', 'ResourceNotFound'];

class Rejected extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

interface JobsParts {
  readonly prefix: () => string | undefined;
  readonly publish: (topic: string, payload: string) => Promise<void>;
  readonly host: Pick<Host, 'after' | 'newId'>;
  readonly log: Log;
}

/** What the vehicle listens to; the answers to its own questions come without. */
export function jobFilters(prefix: string): string[] {
  return [`${prefix}/notify`];
}

/** AWS IoT Jobs: a campaign is one continuous job, its document names the campaign. Other people's jobs are left alone. */
export class JobsRollout implements Rollout {
  onChange: () => void = () => {};
  private readonly parts: JobsParts;
  private isOnline = false;
  /** Whether the list was asked for over this connection. */
  private looked = false;
  private readonly open = new Map<string, { settle: (payload: unknown, accepted: boolean) => void }>();
  /** By job: what it says, undefined where it is none of ours. */
  private readonly documents = new Map<string, UpdateJobDocument | undefined>();
  /** Undefined before the first list came. */
  private listed: readonly Summary[] | undefined;
  /** Executions that this vehicle has ended: an old list may still name them. */
  private readonly done = new Set<string>();

  constructor(parts: JobsParts) {
    this.parts = parts;
  }

  isReleased(campaignId: string): boolean {
    return this.jobsOf(campaignId).length > 0;
  }

  /** @internal */
  connected(): void {
    this.isOnline = true;
    this.looked = false;
  }

  look(): void {
    if (!this.isOnline || this.looked || this.parts.prefix() === undefined) return;
    this.looked = true;
    this.ask('get', {})
      .then((answer) => {
        const { inProgressJobs, queuedJobs } = listSchema.parse(answer);
        return this.list([...inProgressJobs, ...queuedJobs]);
      })
      .catch((error) => {
        if (!this.isOnline) return;
        this.parts.log(`jobs: ${reasonOf(error)}`);
        this.looked = false;
        this.parts.host.after(askAgain, () => this.look());
      });
  }

  /** @internal */
  disconnected(): void {
    this.isOnline = false;
  }

  /** @internal Takes a message of the jobs service; false when the topic is none of its. */
  receive(topic: string, payload: Uint8Array): boolean {
    const prefix = this.parts.prefix();
    if (prefix === undefined || !topic.startsWith(`${prefix}/`)) return false;
    const document = parseJson(Buffer.from(payload).toString('utf8'));
    if (topic === `${prefix}/notify`) {
      const jobs = notifySchema.safeParse(document).data?.jobs ?? {};
      const listed = [...(jobs['IN_PROGRESS'] ?? []), ...(jobs['QUEUED'] ?? [])];
      this.list(listed).catch((error) => this.parts.log(`jobs: ${reasonOf(error)}`));
      return true;
    }
    const { clientToken } = z.object({ clientToken: z.optional(z.string()) }).safeParse(document).data ?? {};
    if (clientToken !== undefined) this.open.get(clientToken)?.settle(document, topic.endsWith('/accepted'));
    return true;
  }

  async installing(campaignId: string, minutes: number): Promise<boolean> {
    const stepTimeoutInMinutes = Math.min(Math.max(Math.ceil(minutes), 1), 10_080);
    for (const job of this.jobsOf(campaignId)) {
      if (await this.update(job, { status: 'IN_PROGRESS', stepTimeoutInMinutes })) return true;
    }
    return false;
  }

  async ended(campaignId: string, succeeded: boolean, detail: string): Promise<void> {
    if (this.listed === undefined) throw new Error('the jobs are not known yet');
    const statusDetails = detail === '' ? {} : { statusDetails: { detail } };
    for (const job of this.jobsOf(campaignId)) {
      await this.update(job, { status: succeeded ? 'SUCCEEDED' : 'FAILED', ...statusDetails });
      this.done.add(keyOf(job));
      this.become(this.listed.filter((other) => keyOf(other) !== keyOf(job)));
    }
  }

  /** The campaign's own before the one that stands for whatever has been consented to: where one is over, the other is not. */
  private jobsOf(campaignId: string): readonly Summary[] {
    const saying = (isIt: (document: UpdateJobDocument) => boolean) =>
      (this.listed ?? []).filter(({ jobId }) => {
        const document = this.documents.get(jobId);
        return document !== undefined && isIt(document);
      });
    return [
      ...saying((document) => document.campaignId === campaignId),
      ...saying((document) => document.campaignId === undefined),
    ];
  }

  /** False where there is nothing left to be changed. */
  private async update({ jobId, executionNumber }: Summary, change: object): Promise<boolean> {
    try {
      await this.ask(`${jobId}/update`, { ...change, ...(executionNumber !== undefined && { executionNumber }) });
      return true;
    } catch (error) {
      if (error instanceof Rejected && void_.includes(error.code)) return false;
      throw error;
    }
  }

  private async list(listed: readonly Summary[]): Promise<void> {
    const unknown = listed.filter(({ jobId }) => !this.documents.has(jobId));
    for (const { jobId } of unknown) {
      const { execution } = executionSchema.parse(await this.ask(`${jobId}/get`, {}));
      this.documents.set(jobId, documentSchema.safeParse(execution?.jobDocument).data);
    }
    this.become(listed.filter((job) => !this.done.has(keyOf(job))));
  }

  private become(listed: readonly Summary[]): void {
    this.listed = listed;
    this.onChange();
  }

  private ask(what: string, request: object): Promise<unknown> {
    const { host, publish, prefix } = this.parts;
    const clientToken = host.newId();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        cancel();
        this.open.delete(clientToken);
        settle();
      };
      const fail = (error: unknown) => end(() => reject(error));
      const cancel: Cancel = host.after(answerTimeout, () => fail(new Error(`no answer to jobs/${what}`)));
      this.open.set(clientToken, {
        settle: (payload, accepted) => end(() => (accepted ? resolve(payload) : reject(rejection(payload)))),
      });
      publish(`${prefix()}/${what}`, JSON.stringify({ ...request, clientToken })).catch(fail);
    });
  }
}

function keyOf({ jobId, executionNumber }: Summary): string {
  return `${executionNumber ?? 0} ${jobId}`;
}

function rejection(payload: unknown): Rejected {
  const { code, message } = rejectionSchema.safeParse(payload).data ?? { code: 'Unknown', message: '' };
  return new Rejected(code, message);
}
