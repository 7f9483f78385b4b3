import type { Delivery, EventContext, Sender } from 'rhea';
import type { Devicebound } from '#local/azure/hub/devicebound.ts';
import type { FeedbackRecord } from '#local/azure/hub/devicebound-message.ts';
import type { Cancel, LocalClock } from '#local/clock.ts';
import type { Collection, State } from '#local/state/collection.ts';

/** Source: "Send cloud-to-device messages from an IoT hub", message feedback: after 64 records, or after 15 s. */
const mostInBatch = 64;
const longestWait = 15_000;
/** Nobody asks for it, and it must not fill the disk; the service keeps it an hour. */
const mostKept = 1_000;

/** Makes a message's body of bytes; of the library, which is loaded when it is needed. */
export type Section = (bytes: Buffer) => unknown;

/** What became of messages, kept until a service has taken it. */
export class FeedbackQueue {
  readonly #kept: Collection<FeedbackRecord>;
  readonly #clock: LocalClock;
  readonly #senders = new Map<Sender, Section>();
  /** By the batch on its way. */
  readonly #underWay = new Map<Delivery, readonly string[]>();
  #cancel: Cancel | undefined;
  #next: number;

  constructor(parts: { readonly state: State; readonly clock: LocalClock; readonly devicebound: Devicebound }) {
    this.#kept = parts.state.collection('azure/feedback');
    this.#clock = parts.clock;
    this.#next = Math.max(0, ...[...this.#kept.keys()].map(Number)) + 1;
    parts.devicebound.feedback.add((record) => this.#add(record));
  }

  attach(sender: Sender, section: Section): void {
    this.#senders.set(sender, section);
    sender.on('sender_close', () => this.#gone(sender));
    sender.connection.on('disconnected', () => this.#gone(sender));
    sender.on('accepted', ({ delivery }: EventContext) => this.#settled(delivery, true));
    sender.on('rejected', ({ delivery }: EventContext) => this.#settled(delivery, true));
    sender.on('released', ({ delivery }: EventContext) => this.#settled(delivery, false));
    sender.on('modified', ({ delivery }: EventContext) => this.#settled(delivery, false));
    sender.on('sendable', () => this.#schedule());
    this.#schedule();
  }

  close(): void {
    this.#cancel?.();
  }

  #add(record: FeedbackRecord): void {
    this.#kept.set(String(this.#next), record);
    this.#next += 1;
    for (const key of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break;
      this.#kept.delete(key);
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#senders.size === 0) return;
    const waiting = this.#waiting().length;
    if (waiting >= mostInBatch) this.#send();
    else if (waiting > 0) this.#cancel ??= this.#clock.after(longestWait, () => this.#send());
  }

  #send(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const [sender, section] = [...this.#senders].find(([each]) => each.sendable()) ?? [];
    const batch = this.#waiting().slice(0, mostInBatch);
    if (sender === undefined || section === undefined || batch.length === 0) return;
    const records = batch.map((key) => this.#kept.get(key));
    const delivery = sender.send({
      content_type: 'application/vnd.microsoft.iothub.feedback.json',
      message_annotations: { 'iothub-enqueuedtime': this.#clock.now() },
      body: section(Buffer.from(JSON.stringify(records))),
    });
    this.#underWay.set(delivery, batch);
    this.#schedule();
  }

  #waiting(): readonly string[] {
    const sent = new Set([...this.#underWay.values()].flat());
    return [...this.#kept.keys()].filter((key) => !sent.has(key));
  }

  #settled(delivery: Delivery | undefined, done: boolean): void {
    if (delivery === undefined) return;
    const keys = this.#underWay.get(delivery) ?? [];
    this.#underWay.delete(delivery);
    if (done) for (const key of keys) this.#kept.delete(key);
    else this.#schedule();
  }

  /** What it had not taken goes to the next one. */
  #gone(sender: Sender): void {
    this.#senders.delete(sender);
    for (const delivery of [...this.#underWay.keys()]) {
      if (delivery.link === sender) this.#underWay.delete(delivery);
    }
    this.#schedule();
  }
}
