import { epochOf, type Identity, type KnownTopics } from './certification.ts';
import { type Host, type Log, reasonOf } from './host.ts';
import type { Introduction } from './introduction.ts';
import type { Clouds } from './moving/clouds.ts';
import type { Connection } from './transport.ts';

/** Whether the cloud can be reached, since when (ms since the Unix epoch), and why not. */
export type Presence =
  | { readonly status: 'online'; readonly since: number }
  | { readonly status: 'offline'; readonly since: number; readonly reason: string };

/** What the vehicle does over its line. */
export interface Services {
  /** The topics that they listen to. */
  filters(topics: KnownTopics): readonly string[];
  /** The cloud let the vehicle in as this one. */
  accepted(identity: Identity): void;
  /** The cloud refused; the vehicle tries another of its identities. */
  fellBack(): void;
  /** The line is there. What is returned belongs to this connection: that it ends with it is no error. */
  connected(): readonly Promise<void>[];
  disconnected(): void;
  message(topic: string, payload: Uint8Array): void;
}

export interface LineParts {
  readonly introduction: Introduction;
  readonly clouds: Clouds;
  readonly services: Services;
  readonly host: Host;
  readonly log: Log;
  /** The present time, ms since the Unix epoch. */
  readonly now: () => number;
  /** Whether the vehicle was closed. */
  readonly closed: () => boolean;
}

/** Seconds for which the cloud keeps what came for a vehicle in a tunnel. */
const sessionExpiry = 3600;
/** Milliseconds before a refused subscription is asked for again. */
const resubscribePause = 10_000;
/** Milliseconds before a transport that could not even begin is asked again. */
const undialledPause = 1000;

/** AWS IoT Core takes no more in one SUBSCRIBE. */
const filtersAPacket = 8;

/** The vehicle's line to the cloud: it is dialled once, comes and goes, and is dialled anew under another identity. */
export class Line {
  private readonly parts: LineParts;
  private readonly listeners: ((presence: Presence) => void)[] = [];
  private readonly awaiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  private connection: Connection | undefined;
  /** Rises with each connection, so that what began under an older one knows. */
  private era = 0;
  private subscribed = false;
  private state: Presence;

  constructor(parts: LineParts) {
    this.parts = parts;
    this.state = { status: 'offline', since: parts.host.now(), reason: 'not connected yet' };
  }

  get presence(): Presence {
    return this.state;
  }

  onPresence(listener: (presence: Presence) => void): void {
    this.listeners.push(listener);
  }

  /** Resolves when the vehicle is online. */
  async open(): Promise<void> {
    const identity = await this.parts.introduction.provision();
    if (this.parts.closed()) throw new Error('the vehicle was closed');
    const online = new Promise<void>((resolve, reject) => this.awaiting.push({ resolve, reject }));
    this.connection ??= this.dial(identity);
    if (this.state.status === 'online') this.arrived();
    await online;
  }

  async publish(topic: string | undefined, payload: string): Promise<void> {
    if (this.connection === undefined || topic === undefined || this.parts.closed()) throw new Error('not connected');
    await this.connection.publish(topic, payload);
  }

  async subscribe(filters: readonly string[]): Promise<void> {
    if (this.connection === undefined || this.parts.closed()) throw new Error('not connected');
    await this.connection.subscribe(filters);
  }

  /** For a vehicle that was closed just now. */
  async close(): Promise<void> {
    this.disconnected('closed');
    for (const { reject } of this.awaiting.splice(0)) reject(new Error('the vehicle was closed'));
    await this.connection?.close();
  }

  private dial(identity: Identity): Connection {
    const { vehicleId, certificatePem, privateKeyPem, endpoint } = identity;
    const { clouds, introduction } = this.parts;
    const transport = clouds.of(identity);
    if (transport === undefined) throw new Error(`nobody on board speaks with a cloud of ${identity.home?.dialect}`);
    // What a connection under a former identity still has to say is no news.
    const unlessFormer =
      <Said extends unknown[]>(hear: (...said: Said) => void) =>
      (...said: Said): void => {
        if (introduction.identity === identity) hear(...said);
      };
    return transport.connect(
      { clientId: vehicleId, certificatePem, privateKeyPem, endpoint, sessionExpiry },
      {
        connected: unlessFormer(({ sessionPresent }) => this.connected(identity, sessionPresent)),
        disconnected: unlessFormer((reason) => this.disconnected(reason)),
        refused: unlessFormer((reason, denied) => this.refused(identity, reason, denied)),
        message: unlessFormer((topic, payload) => this.message(topic, payload)),
      },
    );
  }

  private refused(identity: Identity, reason: string, denied: boolean): void {
    const { introduction, services, host, log, closed } = this.parts;
    log(`not connected: ${reason}`);
    if (closed()) return;
    const other = introduction.fallback(denied);
    if (other !== undefined) {
      services.fellBack();
      void this.changeTo(other);
    } else if (denied && introduction.refused(host.monotonic())) {
      void introduction.renew(identity, (another) => this.redial(() => introduction.take(another), another));
    }
  }

  /** Dials anew as another of the vehicle's identities. */
  changeTo(identity: Identity): Promise<void> {
    return this.redial(() => this.parts.introduction.adopt(identity), identity);
  }

  private async redial(take: () => void, identity: Identity): Promise<void> {
    const { connection } = this;
    const { introduction } = this.parts;
    const former = introduction.identity;
    const isElsewhere = former !== undefined && epochOf(former) !== epochOf(identity);
    this.disconnected(isElsewhere ? 'another home' : 'another certificate');
    // What another home has kept for the vehicle may be of a time when it listened to less.
    this.subscribed &&= !isElsewhere;
    this.connection = undefined;
    take();
    await connection?.close();
    this.dialAgain(identity);
  }

  /** Nobody waits for this one: where the transport cannot begin, that is one more refusal. */
  private dialAgain(identity: Identity): void {
    const { introduction, host, closed } = this.parts;
    if (closed() || this.connection !== undefined || introduction.identity !== identity) return;
    try {
      this.connection = this.dial(identity);
    } catch (error) {
      host.after(undialledPause, () => this.dialAgain(identity));
      this.refused(identity, reasonOf(error), true);
    }
  }

  private connected(identity: Identity, sessionPresent: boolean): void {
    if (this.parts.closed()) return;
    this.parts.introduction.accepted(identity);
    this.accepted(identity);
    this.era += 1;
    // The first time also where the session is there: another version of this software may have left it.
    this.subscribed &&= sessionPresent;
    void this.arrive(this.era);
  }

  private accepted(identity: Identity): void {
    try {
      this.parts.services.accepted(identity);
    } catch (error) {
      // A full disk: both identities stay, and the next connection is another chance.
      this.parts.log(`the certificate is not noted as taken: ${reasonOf(error)}`);
    }
  }

  private async arrive(era: number): Promise<void> {
    const { introduction, services, host, log, now, closed } = this.parts;
    try {
      const { connection } = this;
      const { identity } = introduction;
      if (connection === undefined || identity === undefined) return;
      if (!this.subscribed) {
        const filters = services.filters(identity.topics);
        for (let at = 0; at < filters.length; at += filtersAPacket) {
          await connection.subscribe(filters.slice(at, at + filtersAPacket));
        }
      }
    } catch (error) {
      if (era !== this.era || closed()) return;
      log(`not subscribed: ${reasonOf(error)}`);
      host.after(resubscribePause, () => {
        if (era === this.era && !closed()) void this.arrive(era);
      });
      return;
    }
    if (era !== this.era || closed()) return;
    this.subscribed = true;
    this.become({ status: 'online', since: now() });
    for (const work of services.connected()) void this.quietly(work);
    this.arrived();
  }

  private arrived(): void {
    for (const { resolve } of this.awaiting.splice(0)) resolve();
  }

  private disconnected(reason: string): void {
    this.era += 1;
    this.parts.services.disconnected();
    if (this.state.status === 'online') this.become({ status: 'offline', since: this.parts.now(), reason });
  }

  private become(presence: Presence): void {
    this.state = presence;
    for (const listener of this.listeners) {
      try {
        listener(presence);
      } catch (error) {
        // Whoever only wants to know must not keep the vehicle from going on.
        this.parts.log(`a listener to presence: ${reasonOf(error)}`);
      }
    }
  }

  private message(topic: string, payload: Uint8Array): void {
    if (this.parts.closed()) return;
    try {
      this.parts.services.message(topic, payload);
    } catch (error) {
      // A full disk, for instance: no message may bring the vehicle down.
      this.parts.log(`a message on ${topic}: ${reasonOf(error)}`);
    }
  }

  /** What belongs to one connection ends with it; that is no error. */
  private async quietly(work: Promise<void>): Promise<void> {
    const { era } = this;
    try {
      await work;
    } catch (error) {
      if (era === this.era) this.parts.log(reasonOf(error));
    }
  }
}
