import { InFlight } from './in-flight.ts';
import type { DeliverableQos, Outgoing } from './message.ts';
import { hasExpired } from './retained-messages.ts';
import { SingleTimer, type TimerSource } from './single-timer.ts';
import type { TopicFilter } from './topic-name.ts';

export interface Subscription {
  /** The filter as the client wrote it. */
  readonly text: string;
  readonly filter: TopicFilter;
  readonly qos: DeliverableQos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
}

/** The connected client, as its session sees it. */
export interface Outlet {
  /** Unacknowledged QoS 1 messages that the client takes. */
  readonly window: number;
  /** Whether a policy lets the client receive it and its packet size admits it. Nothing is sent otherwise. */
  admits(outgoing: Outgoing): boolean;
  /** False: what may be sent to the client in a second is used up. True takes its part of it. */
  paces(outgoing: Outgoing): boolean;
  /** `packetId` is undefined for QoS 0. */
  transmit(outgoing: Outgoing, packetId: number | undefined, again: boolean): void;
}

export interface SessionQuotas {
  readonly storedMessages: number;
  readonly replayPerSecond: number;
  /** An unacknowledged message is sent again after each such time, */
  readonly redeliverAfterSeconds: number;
  /** and given up after this time. */
  readonly redeliverySeconds: number;
}

/** Where a session that outlives its connection keeps its QoS 1 messages. */
export interface MessageJournal {
  keep(clientId: string, outgoing: Outgoing): void;
  drop(outgoing: Outgoing): void;
}

/** How long a QoS 1 message waits, in ms, before it asks again whether the client's second has room for it. */
const pause = 100;

/** What the broker keeps for one client id: its subscriptions and the QoS 1 messages it has not acknowledged. */
export class Session {
  readonly clientId: string;
  readonly subscriptions = new Map<string, Subscription>();
  /** How long it outlives its connection. 0: it ends with it. */
  expirySeconds = 0;
  readonly #timer: TimerSource;
  readonly #quotas: SessionQuotas;
  readonly #journal: MessageJournal;
  readonly #inFlight = new InFlight();
  #waiting: Outgoing[] = [];
  #outlet: Outlet | undefined;
  /** Stored messages that still stand before the live ones, and how many of them may go this second. */
  #backlog = 0;
  #credit = 0;
  readonly #refill: SingleTimer;
  readonly #repetition: SingleTimer;
  readonly #pause: SingleTimer;

  constructor(clientId: string, timer: TimerSource, quotas: SessionQuotas, journal: MessageJournal) {
    this.clientId = clientId;
    this.#timer = timer;
    this.#refill = new SingleTimer(timer);
    this.#repetition = new SingleTimer(timer);
    this.#pause = new SingleTimer(timer);
    this.#quotas = quotas;
    this.#journal = journal;
  }

  get online(): boolean {
    return this.#outlet !== undefined;
  }

  /** Sends at once, or keeps a QoS 1 message until it may be sent. */
  deliver(outgoing: Outgoing): void {
    if (outgoing.qos === 0) {
      if (this.#outlet?.admits(outgoing) && this.#outlet.paces(outgoing))
        this.#outlet.transmit(outgoing, undefined, false);
      return;
    }
    if (this.#outlet === undefined && this.expirySeconds === 0) return;
    if (this.#waiting.length >= this.#quotas.storedMessages) return;
    if (this.expirySeconds > 0) this.#journal.keep(this.clientId, outgoing);
    this.#waiting.push(outgoing);
    this.#pump();
  }

  acknowledged(packetId: number): void {
    const outgoing = this.#inFlight.remove(packetId);
    if (outgoing === undefined) return;
    this.#journal.drop(outgoing);
    this.#pump();
  }

  /** Takes up what a process before this one had stored. */
  restore(waiting: readonly Outgoing[]): void {
    this.#waiting = [...waiting];
  }

  /** Nobody will have these messages any more. */
  forget(): void {
    for (const outgoing of [...this.#inFlight.clear(), ...this.#waiting]) this.#journal.drop(outgoing);
    this.#waiting = [];
  }

  /** Repeats what was not acknowledged, then sends what was stored. Call it after CONNACK. */
  attach(outlet: Outlet): void {
    this.#outlet = outlet;
    const postponed: Outgoing[] = [];
    let repeated = 0;
    for (const { packetId, outgoing, firstAt } of this.#inFlight.sentBefore(this.#timer.now(), 0)) {
      if (repeated < outlet.window) repeated += this.#repeat(outlet, packetId, outgoing, firstAt) ? 1 : 0;
      else {
        // the client may take fewer at once than in its connection before
        this.#inFlight.remove(packetId);
        postponed.push(outgoing);
      }
    }
    this.#repeatLater();
    this.#waiting = [...postponed, ...this.#waiting];
    this.#backlog = this.#waiting.length;
    this.#credit = this.#quotas.replayPerSecond;
    if (this.#backlog > 0) this.#refillEachSecond();
    this.#pump();
  }

  detach(): void {
    this.#outlet = undefined;
    for (const timer of [this.#refill, this.#repetition, this.#pause]) timer.stop();
  }

  #pump(): void {
    const outlet = this.#outlet;
    while (outlet !== undefined && outlet === this.#outlet && this.#inFlight.size < outlet.window) {
      const isStored = this.#backlog > 0;
      if (isStored && this.#credit === 0) return;
      const [outgoing] = this.#waiting;
      if (outgoing === undefined) return;
      const over = hasExpired(outgoing.message, this.#timer.now()) || !outlet.admits(outgoing);
      if (!over && !outlet.paces(outgoing)) {
        this.#pause.start(pause, () => this.#pump());
        return;
      }
      this.#waiting.shift();
      if (isStored) this.#backlog -= 1;
      if (over) {
        this.#journal.drop(outgoing);
        continue;
      }
      if (isStored) this.#credit -= 1;
      outlet.transmit(outgoing, this.#inFlight.add(outgoing, this.#timer.now()), false);
      this.#repeatLater();
    }
  }

  /** False: it is given up. */
  #repeat(outlet: Outlet, packetId: number, outgoing: Outgoing, firstAt: number): boolean {
    const now = this.#timer.now();
    const givenUp = now - firstAt > this.#quotas.redeliverySeconds * 1000;
    if (givenUp || hasExpired(outgoing.message, now) || !outlet.admits(outgoing)) {
      this.#inFlight.remove(packetId);
      this.#journal.drop(outgoing);
      return false;
    }
    this.#inFlight.repeated(packetId, now);
    outlet.transmit(outgoing, packetId, true);
    return true;
  }

  /** AWS IoT repeats what is not acknowledged within a connection too, which the standard leaves to the next one. */
  #repeatLater(): void {
    if (this.#inFlight.size === 0) return;
    const interval = this.#quotas.redeliverAfterSeconds * 1000;
    const wait = this.#inFlight.longestAgo() + interval - this.#timer.now();
    this.#repetition.start(Math.min(interval, Math.max(0, wait)), () => {
      const outlet = this.#outlet;
      if (outlet === undefined) return;
      for (const { packetId, outgoing, firstAt } of this.#inFlight.sentBefore(this.#timer.now(), interval)) {
        this.#repeat(outlet, packetId, outgoing, firstAt);
      }
      this.#repeatLater();
      this.#pump();
    });
  }

  #refillEachSecond(): void {
    this.#refill.start(1000, () => {
      this.#credit = this.#quotas.replayPerSecond;
      if (this.#backlog > 0) this.#refillEachSecond();
      this.#pump();
    });
  }
}
