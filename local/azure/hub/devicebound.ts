import { randomUUID } from 'node:crypto';
import type { Cancel, LocalClock } from '#local/clock.ts';
import type { Collection, State } from '#local/state/collection.ts';
import type { DeviceLine } from './device-line.ts';
import type { DeviceboundMessage, DeviceboundWish, FeedbackRecord, FeedbackStatus } from './devicebound-message.ts';
import { argumentInvalid, HubError } from './hub-error.ts';
import type { Identities } from './identities.ts';
import type { Lines } from './lines.ts';
import { Listeners } from './listeners.ts';

interface Kept extends Omit<DeviceboundMessage, 'body' | 'lockToken'> {
  /** base64 */
  readonly body: string;
  readonly ack: 'none' | 'positive' | 'negative' | 'full';
}

interface Lock {
  readonly token: string;
  readonly until: number;
}

const mostQueued = 50;
const mostBytes = 64 * 1024;
const usualLife = 3_600_000;
const longestLife = 2 * 86_400_000;
const lockLife = 60_000;
const mostDeliveries = 10;

/** Messages that wait for their devices. Every method throws `HubError`. */
export class Devicebound {
  /** Feedback to services that asked for it with `ack`. */
  readonly feedback = new Listeners<FeedbackRecord>();
  readonly queued = new Listeners<DeviceboundWish>();
  readonly #messages: Collection<readonly Kept[]>;
  readonly #numbers: Collection<number>;
  readonly #locks = new Map<number, Lock>();
  /** What is still to be looked at: expiries, and locks that end. */
  readonly #looks = new Set<Cancel>();
  #closed = false;
  readonly #receivers = new WeakSet<DeviceLine>();
  readonly #identities: Identities;
  readonly #lines: Lines;
  readonly #clock: LocalClock;

  constructor(parts: {
    readonly state: State;
    readonly clock: LocalClock;
    readonly identities: Identities;
    readonly lines: Lines;
  }) {
    this.#messages = parts.state.collection('azure/devicebound');
    this.#numbers = parts.state.collection('azure/devicebound-numbers');
    this.#identities = parts.identities;
    this.#lines = parts.lines;
    this.#clock = parts.clock;
    for (const queued of [...this.#messages.values()]) for (const message of queued) this.#watch(message);
    this.#identities.deleted.add(({ deviceId }) => this.#messages.delete(deviceId));
    this.#lines.changed.add(({ deviceId, state }) => state === 'deviceDisconnected' && this.#unlock(deviceId));
  }

  /** Queued messages of a device. */
  count(deviceId: string): number {
    return this.#live(deviceId).length;
  }

  enqueue(wish: DeviceboundWish): void {
    const { deviceId, body } = wish;
    this.#identities.get(deviceId);
    const queued = this.#live(deviceId);
    const now = this.#clock.now();
    const expiresAt = wish.expiresAt ?? now + usualLife;
    if (body.length > mostBytes) throw new HubError('MessageTooLarge', `A message has at most ${mostBytes} bytes.`);
    if (expiresAt > now + longestLife) throw argumentInvalid('expiryTimeUtc lies more than two days ahead');
    if (queued.length >= mostQueued) {
      throw new HubError(
        'DeviceMaximumQueueDepthExceeded',
        `Total number of messages on device exceeded the maximum number of allowed messages: ${mostQueued}`,
      );
    }
    const sequence = (this.#numbers.get('sequence') ?? 0) + 1;
    this.#numbers.set('sequence', sequence);
    const kept: Kept = {
      ...wish,
      ...{ sequence, expiresAt, enqueuedAt: now, deliveryCount: 0 },
      messageId: wish.messageId ?? randomUUID(),
      ack: wish.ack ?? 'none',
      body: body.toString('base64'),
    };
    this.#messages.set(deviceId, [...queued, kept]);
    this.#watch(kept);
    this.queued.tell(wish);
    this.#deliver(deviceId);
  }

  /** The device at this line takes messages from now on; it gets what waits, and what comes. */
  connect(deviceId: string, line: DeviceLine): void {
    this.#receivers.add(line);
    this.#deliver(deviceId);
  }

  /** The device takes none any more: they wait. */
  disconnect(line: DeviceLine): void {
    this.#receivers.delete(line);
  }

  /** The oldest one that nobody holds, locked for a minute. */
  next(deviceId: string): DeviceboundMessage | undefined {
    const now = this.#clock.now();
    const queued = this.#live(deviceId);
    const free = queued.find(({ sequence }) => (this.#locks.get(sequence)?.until ?? 0) <= now);
    if (free === undefined) return undefined;
    const lockToken = randomUUID();
    this.#locks.set(free.sequence, { token: lockToken, until: now + lockLife });
    this.#later(lockLife, () => this.#deliver(deviceId));
    return { ...free, body: Buffer.from(free.body, 'base64'), lockToken };
  }

  complete(deviceId: string, lockToken: string): void {
    this.#end(this.#locked(deviceId, lockToken), 'Success');
  }

  reject(deviceId: string, lockToken: string): void {
    this.#end(this.#locked(deviceId, lockToken), 'Rejected');
  }

  /** Back into the queue; only this counts as a delivery. */
  abandon(deviceId: string, lockToken: string): void {
    const message = this.#locked(deviceId, lockToken);
    const tried: Kept = { ...message, deliveryCount: message.deliveryCount + 1 };
    this.#locks.delete(message.sequence);
    if (tried.deliveryCount >= mostDeliveries) {
      this.#end(tried, 'DeliveryCountExceeded');
      return;
    }
    const queued = this.#live(deviceId);
    this.#messages.set(
      deviceId,
      queued.map((each) => (each.sequence === tried.sequence ? tried : each)),
    );
    this.#deliver(deviceId);
  }

  /** @returns how many there were */
  purge(deviceId: string): number {
    this.#identities.get(deviceId);
    const queued = this.#live(deviceId);
    for (const message of queued) this.#end(message, 'Purged');
    return queued.length;
  }

  /** Nothing is looked at any more: what is kept waits for the next start. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#looks) cancel();
    this.#looks.clear();
  }

  #later(ms: number, look: () => void): void {
    // A line that breaks with the hub may still give back what it held.
    if (this.#closed) return;
    const cancel = this.#clock.after(ms, () => {
      this.#looks.delete(cancel);
      look();
    });
    this.#looks.add(cancel);
  }

  /** What expires has its feedback then, although nobody asks for the queue. */
  #watch({ deviceId, expiresAt }: Kept): void {
    this.#later(Math.max(0, expiresAt - this.#clock.now()), () => this.#live(deviceId));
  }

  #deliver(deviceId: string): void {
    for (;;) {
      const line = this.#lines.get(deviceId);
      if (line === undefined || !this.#receivers.has(line)) return;
      const message = this.next(deviceId);
      if (message === undefined) return;
      line.devicebound(message);
    }
  }

  #live(deviceId: string): readonly Kept[] {
    const queued = this.#messages.get(deviceId) ?? [];
    const now = this.#clock.now();
    const expired = queued.filter(({ expiresAt }) => expiresAt <= now);
    for (const message of expired) this.#end(message, 'Expired');
    return expired.length === 0 ? queued : (this.#messages.get(deviceId) ?? []);
  }

  #locked(deviceId: string, lockToken: string): Kept {
    const now = this.#clock.now();
    const message = this.#live(deviceId).find(({ sequence }) => {
      const lock = this.#locks.get(sequence);
      return lock?.token === lockToken && lock.until > now;
    });
    if (message === undefined) throw new HubError('DeviceMessageLockLost', 'The lock of the message is lost.');
    return message;
  }

  #end(message: Kept, statusCode: FeedbackStatus): void {
    const { deviceId, sequence, ack } = message;
    const rest = (this.#messages.get(deviceId) ?? []).filter((each) => each.sequence !== sequence);
    if (rest.length === 0) this.#messages.delete(deviceId);
    else this.#messages.set(deviceId, rest);
    this.#locks.delete(sequence);
    const wanted = ack === 'full' || ack === (statusCode === 'Success' ? 'positive' : 'negative');
    if (!wanted) return;
    this.feedback.tell({
      originalMessageId: message.messageId,
      deviceId,
      deviceGenerationId: this.#identities.find(deviceId)?.generationId ?? '',
      ...{ statusCode, description: statusCode },
      enqueuedTimeUtc: new Date(this.#clock.now()).toISOString(),
    });
  }

  /** Who has gone holds nothing. */
  #unlock(deviceId: string): void {
    for (const { sequence } of this.#messages.get(deviceId) ?? []) this.#locks.delete(sequence);
  }
}
