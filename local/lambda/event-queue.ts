import type { Cancel, LocalClock } from '#local/clock.ts';
import type { Collection } from '#local/state/collection.ts';
import { currentHeader } from '#local/trace/context.ts';
import { noTracing, type Tracing } from '#local/trace/traces.ts';
import { type FinishedEvent, messagesAfter, type QueueMessage } from './destination-record.ts';
import type { EventInvokeConfig } from './event-invoke-config.ts';
import type { InvocationResult } from './invoker.ts';

/** An accepted asynchronous event, as it is kept on disk until its end. */
export interface PendingEvent {
  readonly functionName: string;
  readonly payload: string;
  readonly acceptedAt: number;
  /** How often the function has failed on it. */
  readonly attempts: number;
  /** How often Lambda had no room for it; this does not count as an attempt. */
  readonly throttles: number;
  readonly notBefore: number;
  /** Events of former versions have none. */
  readonly traceHeader?: string;
}

/** What the queue has to know of a function. */
export interface EventTarget {
  readonly arn: string;
  readonly roleArn: string;
  readonly config: EventInvokeConfig;
  readonly deadLetterArn: string | undefined;
  /** Undefined: no room at present. */
  run(payload: string, requestId: string): Promise<InvocationResult | undefined>;
}

export interface EventQueueOptions {
  readonly events: Collection<PendingEvent>;
  readonly clock: LocalClock;
  readonly log: (line: string) => void;
  readonly tracing?: Tracing | undefined;
  /** After the first and the second failure; AWS waits one and two minutes. */
  readonly retryDelays: readonly [number, number];
  target(functionName: string): EventTarget | undefined;
  /** Sends as the function's role; throws when that may not send there. */
  send(roleArn: string, message: QueueMessage): Promise<void> | void;
}

const longestThrottleDelay = 300_000;

/**
 * Lambda's internal queue: an event is on disk before the caller hears that it was taken, and leaves it
 * only at its end. After `kill -9` it runs again, so a function can see an event twice, as on AWS.
 */
export class EventQueue {
  readonly #options: EventQueueOptions;
  readonly #timers = new Map<string, Cancel>();
  #closed = false;

  constructor(options: EventQueueOptions) {
    this.#options = options;
  }

  accept(requestId: string, functionName: string, payload: string): void {
    const now = this.#options.clock.now();
    const traceHeader = currentHeader();
    const trace = traceHeader === undefined ? {} : { traceHeader };
    const event = { functionName, payload, acceptedAt: now, attempts: 0, throttles: 0, notBefore: now, ...trace };
    this.#options.events.set(requestId, event);
    this.#schedule(requestId, event);
  }

  /** Takes up what a former process left. Call it when the template is in place. */
  resume(): void {
    for (const [requestId, event] of [...this.#options.events.entries()]) {
      if (this.#timers.has(requestId)) continue;
      this.#schedule(requestId, event);
    }
  }

  /** Events that have not come to their end. */
  get size(): number {
    return this.#options.events.size;
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #schedule(requestId: string, event: PendingEvent): void {
    if (this.#closed) return;
    // None waits longer, also where it was planned in a future that the clock was set back from.
    const wait = Math.min(event.notBefore - this.#options.clock.now(), longestThrottleDelay);
    const go = () => void this.#resume(requestId, event);
    if (wait > 0) {
      this.#timers.set(requestId, this.#options.clock.after(wait, go));
    } else {
      const immediate = setImmediate(go);
      this.#timers.set(requestId, () => clearImmediate(immediate));
    }
  }

  #resume(requestId: string, event: PendingEvent): Promise<void> {
    const { tracing = noTracing } = this.#options;
    const notes = event.attempts === 0 ? [] : [`attempt ${event.attempts + 1}`];
    const place = {
      kind: 'queue',
      label: `${event.functionName} (asynchronous)`,
      notes,
      requests: [requestId],
    } as const;
    return tracing.resume([event.traceHeader], place, () => this.#attempt(requestId, event));
  }

  async #attempt(requestId: string, event: PendingEvent): Promise<void> {
    const { clock, events, log } = this.#options;
    const target = this.#options.target(event.functionName);
    if (target === undefined) {
      this.#timers.delete(requestId);
      log(`${event.functionName}: an event waited for it, but the template no longer has this function; dropped`);
      events.delete(requestId);
      return;
    }
    const result = await target.run(event.payload, requestId).catch(asFailure);
    if (this.#closed) return;
    const now = clock.now();
    if (result === undefined) {
      const delay = Math.min(longestThrottleDelay, 1000 * 2 ** Math.min(event.throttles, 20));
      this.#again(requestId, { ...event, throttles: event.throttles + 1, notBefore: now + delay }, target, noRoom);
      return;
    }
    const attempts = event.attempts + 1;
    if (result.kind === 'failed' && attempts <= target.config.retries) {
      const delay = this.#options.retryDelays[attempts === 1 ? 0 : 1];
      log(`${event.functionName}: attempt ${attempts} failed (${result.errorType}), next in ${delay / 1000} s`);
      this.#again(requestId, { ...event, attempts, notBefore: now + delay }, target, result);
      return;
    }
    const condition = result.kind === 'answered' ? 'Success' : 'RetriesExhausted';
    await this.#finish(target, { ...this.#end(requestId, event, target), attempts, condition, result, at: now });
  }

  #end(requestId: string, event: PendingEvent, target: EventTarget) {
    return { requestId, functionArn: target.arn, payload: event.payload };
  }

  #again(requestId: string, event: PendingEvent, target: EventTarget, result: InvocationResult): void {
    const { clock, events } = this.#options;
    if (event.notBefore - event.acceptedAt > target.config.maximumAgeSeconds * 1000) {
      const { attempts } = event;
      const end = this.#end(requestId, event, target);
      void this.#finish(target, { ...end, attempts, condition: 'EventAgeExceeded', result, at: clock.now() });
      return;
    }
    events.set(requestId, event);
    this.#schedule(requestId, event);
  }

  async #finish(target: EventTarget, event: FinishedEvent): Promise<void> {
    const { events, log, send } = this.#options;
    const messages = messagesAfter(event, target.config, target.deadLetterArn);
    for (const message of messages) {
      try {
        await send(target.roleArn, message);
      } catch (error) {
        // Lambda drops it, too, and counts DestinationDeliveryFailures.
        log(`${target.arn}: could not send to ${message.queueArn}: ${String(error)}`);
      }
    }
    if (event.result.kind === 'failed' && messages.length === 0) {
      log(`${target.arn}: an event is lost after ${event.attempts} attempts: the function has no failure destination`);
    }
    this.#timers.delete(event.requestId);
    events.delete(event.requestId);
  }
}

/** A fault of the local cloud itself counts as a failed attempt: the event must not be lost by it. */
function asFailure(error: unknown): InvocationResult {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'failed', errorType: name, errorMessage: message };
}

const noRoom: InvocationResult = {
  kind: 'failed',
  errorType: 'TooManyRequestsException',
  errorMessage: 'Rate Exceeded.',
};
