import { join } from 'node:path';
import { AwsError } from '#local/aws-error.ts';
import type { Cancel, LocalClock } from '#local/clock.ts';
import { type Faults, unlessBrokenOff } from '#local/faults/faults.ts';
import type { Permission, Principal } from '#local/iam/principal.ts';
import type { State } from '#local/state/collection.ts';
import { currentHeader, hop } from '#local/trace/context.ts';
import { bulkUnits } from '#local/trace/metering.ts';
import { noTracing, type Tracing } from '#local/trace/traces.ts';
import { allowedCharacters, type Message, type MessageAttributes, messageSize } from './message.ts';
import { longestDelaySeconds, type NewMessage, Queue, type QueueSettings } from './queue.ts';

/** Who sends from inside the local cloud: a role that a service took, or a service on its own behalf. */
export type Sender =
  | { readonly kind: 'principal'; readonly principal: Principal }
  /** `events.amazonaws.com` …: only the queue's policy can admit it. */
  | { readonly kind: 'service'; readonly name: string; readonly sourceArn: string };

/** The part of IAM that queues need. */
export interface QueueAccess {
  authorize(principal: Principal, permissions: readonly Permission[]): void;
  authorizeService(servicePrincipal: string, permission: Permission): void;
  putResourcePolicy(resourceArn: string, document: unknown): void;
}

export interface QueuesOptions {
  readonly region: string;
  readonly accountId: string;
  readonly state: State;
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly access: QueueAccess;
  readonly tracing?: Tracing;
  /** The gateway's address: SDK clients talk to the host in a queue's URL, whatever their endpoint. */
  readonly endpoint: () => string;
  readonly log: (line: string) => void;
}

export interface SendOptions {
  readonly delaySeconds?: number;
  readonly attributes?: MessageAttributes;
}

const expiryCheckMs = 3_600_000;

/** All queues of the account, for SDK clients (through the service), rules, destinations and event sources. */
export class Queues {
  readonly #options: QueuesOptions;
  readonly #queues = new Map<string, Queue>();
  readonly #policies = new Map<string, unknown>();
  #expiry: Cancel;

  constructor(options: QueuesOptions) {
    this.#options = options;
    this.#expiry = this.#planExpiry();
  }

  /** Makes the queue, with what a former process left in it. */
  open(settings: QueueSettings): Queue {
    if (this.#queues.has(settings.name)) throw new Error(`A queue ${settings.name} exists already.`);
    const queue = new Queue({
      settings,
      directory: join(this.#options.state.directory, 'queues'),
      clock: this.#options.clock,
      moveToDeadLetters: (arn, message) => this.#giveUp(arn, message),
    });
    this.#queues.set(settings.name, queue);
    return queue;
  }

  /** By name, URL or ARN. @throws AwsError QueueDoesNotExist */
  find(reference: string): Queue {
    const name = queueName(reference);
    const queue = this.#queues.get(name);
    if (queue !== undefined) return queue;
    throw new AwsError('QueueDoesNotExist', 400, `The specified queue does not exist: ${name}`);
  }

  all(): Queue[] {
    return [...this.#queues.values()];
  }

  arn(name: string): string {
    return `arn:aws:sqs:${this.#options.region}:${this.#options.accountId}:${name}`;
  }

  url(name: string): string {
    return `${this.#options.endpoint()}/${this.#options.accountId}/${name}`;
  }

  putPolicy(queue: Queue, document: unknown): void {
    this.#options.access.putResourcePolicy(queue.settings.arn, document);
    this.#policies.set(queue.settings.name, document);
  }

  policy(queue: Queue): unknown {
    return this.#policies.get(queue.settings.name);
  }

  /**
   * Sends from inside the local cloud: rules, destinations, schedules.
   *
   * @param reference the queue's URL or ARN
   * @throws AwsError AccessDeniedException when the sender may not `sqs:SendMessage`, QueueDoesNotExist,
   *   InvalidParameterValue for a message that SQS would not take
   */
  async send(sender: Sender, reference: string, body: string, options: SendOptions = {}): Promise<string> {
    const queue = this.find(reference);
    const { access } = this.#options;
    const permission = { action: 'sqs:SendMessage', resource: queue.settings.arn };
    if (sender.kind === 'principal') access.authorize(sender.principal, [permission]);
    else access.authorizeService(sender.name, { ...permission, context: { 'aws:SourceArn': sender.sourceArn } });
    const message = await this.accept(queue, {
      body,
      attributes: options.attributes ?? {},
      sender: sender.kind === 'principal' ? sender.principal.arn : sender.name,
      delaySeconds: options.delaySeconds,
    });
    return message.id;
  }

  /** Of the entries of a batch, by their ids, those that a fault does not let in. */
  refusedBy(queue: Queue, ids: readonly string[]): ReadonlySet<string> {
    return this.#options.faults.failing?.('queue', `${queue.settings.name}:SendMessageBatch`, ids) ?? new Set();
  }

  /** For a sender whose right was checked already. */
  accept(queue: Queue, message: NewMessage): Promise<Message> {
    const units = { sqsRequests: bulkUnits(messageSize(message.body, message.attributes)) };
    const delay = message.delaySeconds ?? queue.settings.delaySeconds;
    const notes = delay > 0 ? [`delayed by ${delay} s`] : [];
    return hop({ kind: 'queue', label: queue.settings.name, units, notes }, () => {
      const traceHeader = message.traceHeader ?? currentHeader();
      return this.#accept(queue, { ...message, traceHeader });
    });
  }

  #giveUp(deadLetterArn: string, message: Message): void {
    const { tracing = noTracing } = this.#options;
    const target = this.find(deadLetterArn);
    const place = { kind: 'queue', label: target.settings.name, notes: ['given up'] } as const;
    tracing.resumeNow(message.traceHeader, place, () => target.adopt(message));
  }

  async #accept(queue: Queue, message: NewMessage): Promise<Message> {
    checkMessage(queue.settings, message);
    const fate = await this.#options.faults.at('queue', queue.settings.name);
    if (fate.kind === 'fail') throw fate.error;
    if (fate.kind === 'drop')
      throw new AwsError('InternalError', 500, `${queue.settings.name} did not get the message.`);
    // A standard queue may deliver twice.
    if (fate.kind === 'duplicate') queue.send(message);
    return unlessBrokenOff(fate, () => queue.send(message));
  }

  close(): void {
    this.#expiry();
    for (const queue of this.#queues.values()) queue.close();
  }

  #planExpiry(): Cancel {
    return this.#options.clock.after(expiryCheckMs, () => {
      for (const queue of this.#queues.values()) queue.dropExpired();
      this.#expiry = this.#planExpiry();
    });
  }
}

/** The name in a queue's URL or ARN, or the name itself. */
export function queueName(reference: string): string {
  const separator = reference.startsWith('arn:') ? ':' : '/';
  return reference.slice(reference.lastIndexOf(separator) + 1);
}

function checkMessage(settings: QueueSettings, { body, attributes, delaySeconds }: NewMessage): void {
  if (body === '') throw new AwsError('MissingParameter', 400, 'The request must contain the parameter MessageBody.');
  if (!allowedCharacters(body)) {
    throw new AwsError('InvalidMessageContents', 400, 'Invalid characters were found in the message body.');
  }
  if (messageSize(body, attributes) > settings.maximumMessageSize) {
    throw invalid(
      `One or more parameters are invalid. Message must be shorter than ${settings.maximumMessageSize} bytes.`,
    );
  }
  if (Object.keys(attributes).length > 10) throw invalid('A message has at most 10 attributes.');
  if (delaySeconds === undefined) return;
  if (Number.isInteger(delaySeconds) && delaySeconds >= 0 && delaySeconds <= longestDelaySeconds) return;
  throw invalid(`Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: must be between 0 and 900.`);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', 400, message);
}
