import type { LocalClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { Principal } from '#local/iam/principal.ts';
import type { LambdaInvoker } from '#local/lambda/invoker.ts';
import { outcome } from '#local/trace/context.ts';
import { noTracing, type Tracing } from '#local/trace/traces.ts';
import { systemAttributes } from './answers.ts';
import { type BatchOutcome, batchOutcome, withFailing } from './batch-outcome.ts';
import type { QueueMapping } from './event-source-mapping.ts';
import { attributesMd5, md5 } from './message.ts';
import type { Queue, ReceivedMessage } from './queue.ts';
import type { QueueAccess } from './queues.ts';

export interface QueueSourceOptions {
  readonly mapping: QueueMapping;
  readonly queue: Queue;
  readonly functionArn: string;
  /** The function's execution role: Lambda polls as it. */
  readonly role: Principal;
  readonly access: QueueAccess;
  readonly invoker: LambdaInvoker;
  readonly tracing?: Tracing;
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly region: string;
  readonly log: (line: string) => void;
}

/** Lambda starts with five pollers a queue. */
const usualConcurrency = 5;
const pollSeconds = 20;
/** SQS never hands out more at once. */
const mostAtOnce = 10;
const restAfterErrorMs = 1000;
const needed = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];

/** Feeds the messages of a queue to a function, and deletes those that it took. */
export class QueueSource {
  readonly #options: QueueSourceOptions;
  readonly #concurrency: number;
  readonly #deliveries = new Set<Promise<void>>();
  #stopped = false;
  #roomMade: (() => void) | undefined;

  constructor(options: QueueSourceOptions) {
    this.#options = options;
    this.#concurrency = Math.min(options.mapping.maximumConcurrency ?? usualConcurrency, usualConcurrency);
  }

  /** Throws, as the deployment would, when the function's role may not read the queue. */
  start(): void {
    this.#authorize();
    // AWS's pollers outlive everything. Ours died with the process before this one, and what they held would be
    // missing until its visibility timeout.
    this.#options.queue.takeBack();
    void this.#collect();
  }

  /** Takes no more messages; resolves when the function is through with those it has. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#roomMade?.();
    await Promise.all(this.#deliveries);
  }

  #authorize(): void {
    const resource = this.#options.queue.settings.arn;
    this.#options.access.authorize(
      this.#options.role,
      needed.map((name) => ({ action: `sqs:${name}`, resource })),
    );
  }

  async #collect(): Promise<void> {
    while (!this.#stopped) {
      try {
        if (this.#deliveries.size >= this.#concurrency) await this.#room();
        if (this.#stopped) return;
        const batch = await this.#nextBatch();
        if (batch.length === 0) continue;
        if (this.#stopped) return this.#giveBack(batch);
        const delivery = this.#resume(batch).finally(() => {
          this.#deliveries.delete(delivery);
          this.#roomMade?.();
        });
        this.#deliveries.add(delivery);
      } catch (error) {
        this.#complain(error);
        await new Promise<void>((resolve) => this.#options.clock.after(restAfterErrorMs, resolve));
      }
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#roomMade = () => {
        this.#roomMade = undefined;
        resolve();
      };
    });
  }

  /** As many as there are, or, with a window, as many as come until it closes or the batch is full. */
  async #nextBatch(): Promise<ReceivedMessage[]> {
    const { clock, mapping, queue } = this.#options;
    const { visibilityTimeout } = queue.settings;
    const batch = await queue.receive(Math.min(mostAtOnce, mapping.batchSize), visibilityTimeout, pollSeconds);
    if (batch.length === 0) return batch;
    const closesAt = clock.now() + mapping.windowSeconds * 1000;
    while (batch.length < mapping.batchSize && !this.#stopped) {
      const wanted = Math.min(mostAtOnce, mapping.batchSize - batch.length);
      const leftMs = closesAt - clock.now();
      if (leftMs <= 0) break;
      batch.push(...(await queue.receive(wanted, visibilityTimeout, leftMs / 1000)));
    }
    return batch;
  }

  /** What arrived while we stopped is for the next start, not for the end of its visibility timeout. */
  #giveBack(batch: readonly ReceivedMessage[]): void {
    for (const { receiptHandle } of batch) this.#options.queue.changeVisibility(receiptHandle, 0);
  }

  /** All messages of the batch go on together; each has its share of what that consumes. */
  #resume(batch: readonly ReceivedMessage[]): Promise<void> {
    const { queue, tracing = noTracing } = this.#options;
    // Lambda receives ten at once and deletes them in one request.
    const units = { sqsRequests: 2 * Math.ceil(batch.length / mostAtOnce) };
    const again = batch.filter(({ receives }) => receives > 1).length;
    const notes = [`batch of ${batch.length}`, ...(again === 0 ? [] : [`${again} of them again`])];
    const headers = batch.map(({ message }) => message.traceHeader);
    const place = { kind: 'queue', label: `${queue.settings.name} read`, units, notes } as const;
    return tracing.resume(headers, place, () => this.#deliver(batch));
  }

  async #deliver(batch: readonly ReceivedMessage[]): Promise<void> {
    try {
      const result = await this.#invoke(batch);
      if (result.kind === 'failed') {
        // The messages show again after the queue's visibility timeout, as on AWS.
        this.#complain(result.reason);
        outcome('failed: batch');
        return;
      }
      if (result.kind === 'partly') outcome(`failed: ${result.failed.size} of ${batch.length}`);
      for (const { message, receiptHandle } of batch) {
        if (result.kind === 'done' || !result.failed.has(message.id)) this.#options.queue.delete(receiptHandle);
      }
    } catch (error) {
      if (!this.#stopped) this.#complain(error);
    }
  }

  async #invoke(batch: readonly ReceivedMessage[]): Promise<BatchOutcome> {
    const { faults, functionArn, invoker, mapping, queue, region } = this.#options;
    this.#authorize();
    const event = { Records: batch.map((received) => queueRecord(received, queue.settings.arn, region)) };
    const result = await invoker.invoke(functionArn, event, {
      kind: 'event-source',
      eventSourceArn: queue.settings.arn,
    });
    const identifiers = batch.map(({ message }) => message.id);
    const failing = faults.failing?.('queue', queue.settings.name, identifiers);
    return withFailing(batchOutcome(result, identifiers, mapping.reportsFailures), failing, mapping.reportsFailures);
  }

  #complain(error: unknown): void {
    const { functionArn, log, queue } = this.#options;
    const name = functionArn.slice(functionArn.lastIndexOf(':') + 1);
    log(`queue ${queue.settings.name} → ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A record of an SQS event as functions see it (Lambda developer guide, "Using Lambda with Amazon SQS"). */
function queueRecord(received: ReceivedMessage, queueArn: string, region: string): object {
  const { message, receiptHandle } = received;
  const digest = attributesMd5(message.attributes);
  return {
    messageId: message.id,
    receiptHandle,
    body: message.body,
    attributes: systemAttributes(received),
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          ...(StringValue === undefined ? {} : { stringValue: StringValue }),
          ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType,
        },
      ]),
    ),
    ...(digest === undefined ? {} : { md5OfMessageAttributes: digest }),
    md5OfBody: md5(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}
