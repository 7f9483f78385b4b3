import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AwsError } from '#local/aws-error.ts';
import type { Cancel, LocalClock } from '#local/clock.ts';
import { Collection } from '#local/state/collection.ts';
import type { Delivery, Message, MessageAttributes } from './message.ts';

/** Seconds, as CloudFormation and SQS count them. */
export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly delaySeconds: number;
  readonly visibilityTimeout: number;
  readonly retentionSeconds: number;
  readonly waitSeconds: number;
  readonly maximumMessageSize: number;
  readonly redrive: { readonly deadLetterArn: string; readonly maxReceiveCount: number } | undefined;
}

export interface ReceivedMessage {
  readonly message: Message;
  readonly receives: number;
  readonly firstReceivedAt: number;
  readonly receiptHandle: string;
}

export interface NewMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sender: string;
  readonly delaySeconds?: number | undefined;
  readonly traceHeader?: string | undefined;
}

export interface QueueOptions {
  readonly settings: QueueSettings;
  readonly directory: string;
  readonly clock: LocalClock;
  /** Hands a message that was received too often to the dead-letter queue. */
  readonly moveToDeadLetters: (deadLetterArn: string, message: Message) => void;
}

interface Waiter {
  readonly wanted: number;
  readonly visibilityTimeout: number;
  readonly answer: (messages: ReceivedMessage[]) => void;
}

interface Held extends Delivery {
  readonly message: Message;
  cancel: Cancel | undefined;
}

/** The longest DelaySeconds that SQS takes. */
export const longestDelaySeconds = 900;
/** AWS refuses to let more messages be in flight. */
const mostInFlight = 120_000;

/** One standard queue: at least once, in rough order, on disk before the sender hears that it was taken. */
export class Queue {
  readonly settings: QueueSettings;
  readonly createdAt: number;
  readonly #options: QueueOptions;
  readonly #messages: Collection<Message>;
  readonly #deliveries: Collection<Delivery>;
  readonly #held = new Map<string, Held>();
  /** Ids of visible messages, the longest visible first. */
  readonly #visible = new Set<string>();
  readonly #waiters = new Set<Waiter>();
  #closed = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.settings = options.settings;
    this.createdAt = options.clock.now();
    this.#messages = new Collection(join(options.directory, `${options.settings.name}.messages.jsonl`));
    this.#deliveries = new Collection(join(options.directory, `${options.settings.name}.deliveries.jsonl`));
    // Where the clock was set back before a restart, what was planned in that future would wait until it comes.
    const latest = this.createdAt + Math.max(options.settings.visibilityTimeout, longestDelaySeconds) * 1000;
    for (const [id, message] of this.#messages.entries()) {
      const { visibleAt, ...delivery } = this.#deliveries.get(id) ?? { receives: 0, visibleAt: message.sentAt };
      this.#hold(message, { ...delivery, visibleAt: Math.min(visibleAt, latest) });
    }
    for (const id of [...this.#deliveries.entries()].map(([id]) => id)) {
      if (!this.#held.has(id)) this.#deliveries.delete(id);
    }
  }

  send(sent: NewMessage): Message {
    const now = this.#options.clock.now();
    const message: Message = {
      id: randomUUID(),
      body: sent.body,
      attributes: sent.attributes,
      sender: sent.sender,
      sentAt: now,
      ...(sent.traceHeader === undefined ? {} : { traceHeader: sent.traceHeader }),
    };
    const delay = sent.delaySeconds ?? this.settings.delaySeconds;
    this.#take(message, { receives: 0, visibleAt: now + delay * 1000 });
    return message;
  }

  /** Takes over a message that another queue gave up; it keeps its id and its age. */
  adopt(message: Message): void {
    this.#take(message, { receives: 0, visibleAt: this.#options.clock.now() });
  }

  /**
   * @param waitSeconds long polling: answers as soon as there is a message, with none after this time
   */
  receive(wanted: number, visibilityTimeout: number, waitSeconds: number): Promise<ReceivedMessage[]> {
    if (this.#closed) return Promise.resolve([]);
    if (this.#held.size - this.#visible.size >= mostInFlight && this.counts().inFlight >= mostInFlight) {
      throw new AwsError('OverLimit', 403, `${mostInFlight} messages are in flight.`);
    }
    const now = this.#collect(wanted, visibilityTimeout);
    if (now.length > 0 || waitSeconds <= 0) return Promise.resolve(now);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        wanted,
        visibilityTimeout,
        answer: (messages) => {
          cancel();
          this.#waiters.delete(waiter);
          resolve(messages);
        },
      };
      const cancel = this.#options.clock.after(waitSeconds * 1000, () => waiter.answer([]));
      this.#waiters.add(waiter);
    });
  }

  /** An outdated handle deletes nothing, and the answer is the same: AWS promises no more. */
  delete(receiptHandle: string): void {
    const { id, receipt } = this.#readHandle(receiptHandle);
    if (this.#held.get(id)?.receipt === receipt) this.#forget(id);
  }

  changeVisibility(receiptHandle: string, seconds: number): void {
    const { id, receipt } = this.#readHandle(receiptHandle);
    const held = this.#held.get(id);
    if (held === undefined || held.receipt !== receipt || this.#visible.has(id)) {
      throw new AwsError('MessageNotInflight', 400, 'The message is not available for a visibility timeout change.');
    }
    const { message: _, cancel, ...delivery } = held;
    cancel?.();
    this.#deliver(held.message, { ...delivery, visibleAt: this.#options.clock.now() + seconds * 1000 });
  }

  /** Shows every message again that somebody received and did not delete, without waiting for its timeout. */
  takeBack(): void {
    const now = this.#options.clock.now();
    for (const [id, { message, cancel, ...delivery }] of [...this.#held]) {
      if (delivery.receives === 0 || this.#visible.has(id)) continue;
      cancel?.();
      this.#deliver(message, { ...delivery, visibleAt: now });
    }
  }

  purge(): void {
    for (const id of [...this.#held.keys()]) this.#forget(id);
  }

  counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number } {
    this.dropExpired();
    let inFlight = 0;
    for (const [id, held] of this.#held) if (held.receives > 0 && !this.#visible.has(id)) inFlight++;
    return { visible: this.#visible.size, inFlight, delayed: this.#held.size - this.#visible.size - inFlight };
  }

  /** Messages older than the retention period are gone, received or not. */
  dropExpired(): void {
    const oldest = this.#options.clock.now() - this.settings.retentionSeconds * 1000;
    for (const [id, { message }] of this.#held) if (message.sentAt < oldest) this.#forget(id);
  }

  close(): void {
    this.#closed = true;
    for (const waiter of [...this.#waiters]) waiter.answer([]);
    for (const { cancel } of this.#held.values()) cancel?.();
    this.#messages.close();
    this.#deliveries.close();
  }

  #take(message: Message, delivery: Delivery): void {
    this.#messages.set(message.id, message);
    if (delivery.visibleAt > message.sentAt) this.#deliveries.set(message.id, delivery);
    this.#hold(message, delivery);
  }

  #deliver(message: Message, delivery: Delivery): void {
    this.#deliveries.set(message.id, delivery);
    this.#hold(message, delivery);
  }

  /** Keeps the message invisible until its time. */
  #hold(message: Message, delivery: Delivery): void {
    const held: Held = { ...delivery, message, cancel: undefined };
    this.#held.set(message.id, held);
    const ms = delivery.visibleAt - this.#options.clock.now();
    if (ms <= 0 && delivery.receives === 0) {
      this.#show(held);
      return;
    }
    this.#visible.delete(message.id);
    // A receipt with a timeout of 0 must not hand out the message again while it is being handed out.
    if (ms <= 0) queueMicrotask(() => this.#show(held));
    else held.cancel = this.#options.clock.after(ms, () => this.#show(held));
  }

  #show(held: Held): void {
    const { id } = held.message;
    if (this.#closed || this.#held.get(id) !== held) return;
    this.#visible.add(id);
    for (const waiter of this.#waiters) {
      const messages = this.#collect(waiter.wanted, waiter.visibilityTimeout);
      if (messages.length > 0) waiter.answer(messages);
      if (this.#visible.size === 0) return;
    }
  }

  #collect(wanted: number, visibilityTimeout: number): ReceivedMessage[] {
    const collected: ReceivedMessage[] = [];
    const now = this.#options.clock.now();
    const oldest = now - this.settings.retentionSeconds * 1000;
    for (const id of this.#visible) {
      if (collected.length >= wanted) break;
      const held = this.#held.get(id);
      if (held === undefined) continue;
      if (held.message.sentAt < oldest) this.#forget(id);
      else if (held.receives >= (this.settings.redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY))
        this.#giveUp(held);
      else collected.push(this.#handOut(held, now, visibilityTimeout));
    }
    return collected;
  }

  #handOut({ message, receives, firstReceivedAt = this.#options.clock.now() }: Held, now: number, seconds: number) {
    const receipt = randomUUID();
    this.#deliver(message, { receives: receives + 1, firstReceivedAt, visibleAt: now + seconds * 1000, receipt });
    const receiptHandle = Buffer.from(`${this.settings.name}/${message.id}/${receipt}`).toString('base64');
    return { message, receives: receives + 1, firstReceivedAt, receiptHandle };
  }

  #giveUp({ message }: Held): void {
    const deadLetterArn = this.settings.redrive?.deadLetterArn;
    if (deadLetterArn === undefined) return;
    // First there, then away from here: a kill in between makes two messages of it, never none.
    this.#options.moveToDeadLetters(deadLetterArn, { ...message, deadLetterSource: this.settings.arn });
    this.#forget(message.id);
  }

  #forget(id: string): void {
    this.#held.get(id)?.cancel?.();
    this.#held.delete(id);
    this.#visible.delete(id);
    this.#messages.delete(id);
    this.#deliveries.delete(id);
  }

  #readHandle(receiptHandle: string): { readonly id: string; readonly receipt: string } {
    const [queue, id, receipt] = Buffer.from(receiptHandle, 'base64').toString('utf8').split('/');
    if (queue === this.settings.name && id !== undefined && receipt !== undefined) return { id, receipt };
    throw new AwsError('ReceiptHandleIsInvalid', 404, `The input receipt handle "${receiptHandle}" is not valid.`);
  }
}
