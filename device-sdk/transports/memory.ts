import type { Dialect } from '../dialect.ts';
import { awsIotDialect } from '../dialects/aws-iot.ts';
import type { Connection, ConnectionEvents, ConnectOptions, Transport } from '../transport.ts';

/** A message on its way from a device to the cloud (`up`) or back (`down`). */
export interface Passage {
  readonly direction: 'up' | 'down';
  readonly clientId: string;
  readonly topic: string;
  readonly payload: string;
}

/**
 * What befalls a message. `cut-before`: the line breaks and the message is lost; `cut-after`: the message
 * arrives, but the line breaks before its acknowledgement; a promise: it arrives once that resolves.
 */
export type Fate = 'deliver' | 'drop' | 'duplicate' | 'cut-before' | 'cut-after' | Promise<void>;

type Service = (topic: string, payload: string, clientId: string) => void;

/** Milliseconds before a client that was not let in tries again. */
const redialPause = 2;

interface Session {
  readonly filters: Set<string>;
  readonly waiting: { topic: string; payload: string }[];
}

/**
 * A cloud's wire in memory, for tests: sessions that are resumed, QoS 1 in both directions, and faults.
 *
 * @example
 * const hub = new MemoryHub();
 * hub.serve('vehicles/+/telemetry', (topic, payload) => received.push(payload));
 * const vehicle = Vehicle.open({ transport: hub, … });
 */
export class MemoryHub implements Transport {
  dialect: Dialect = awsIotDialect;
  /** False: nobody gets through until `open` is called. */
  private reachable = true;
  private readonly services: { filter: string; service: Service }[] = [];
  private readonly sessions = new Map<string, Session>();
  private readonly lines = new Map<string, Line>();
  private readonly dialling = new Set<Line>();
  /** Whom the cloud lets in; everybody unless a test says otherwise. */
  admits: (client: ConnectOptions) => boolean = () => true;
  /** Decides over each message; everything arrives unless a test says otherwise. */
  fate: (passage: Passage) => Fate = () => 'deliver';

  connect(options: ConnectOptions, events: ConnectionEvents): Connection {
    const line = new Line(this, options, events);
    this.dial(line);
    return line;
  }

  /** The cloud's side: `service` gets each message that a device publishes on a matching topic. */
  serve(filter: string, service: Service): void {
    this.services.push({ filter, service });
  }

  /** From the cloud to every device that subscribes. */
  publish(topic: string, payload: string): void {
    for (const [clientId, { filters, waiting }] of this.sessions) {
      if (![...filters].some((filter) => matches(filter, topic))) continue;
      const line = this.lines.get(clientId);
      if (line === undefined) waiting.push({ topic, payload });
      else line.deliver(topic, payload);
    }
  }

  /** From the cloud to one device, if it is connected. */
  sendTo(clientId: string, topic: string, payload: string): void {
    this.lines.get(clientId)?.deliver(topic, payload);
  }

  /** Breaks the line of a device; it dials again by itself. */
  cut(clientId: string): void {
    this.lines.get(clientId)?.lose('cut');
  }

  /** Breaks every line and lets nobody in. */
  shut(): void {
    this.reachable = false;
    for (const line of [...this.lines.values()]) line.lose('shut');
  }

  open(): void {
    this.reachable = true;
    for (const line of [...this.dialling]) this.dial(line);
  }

  /** @internal */
  dial(line: Line): void {
    this.dialling.add(line);
    setImmediate(() => {
      if (line.closed) this.dialling.delete(line);
      if (!this.reachable || !this.dialling.delete(line)) return;
      if (!this.admits(line.options)) {
        line.refused();
        setTimeout(() => this.dial(line), redialPause);
        return;
      }
      const { clientId } = line.options;
      this.lines.get(clientId)?.lose('taken over');
      const former = line.options.sessionExpiry > 0 ? this.sessions.get(clientId) : undefined;
      const session = former ?? { filters: new Set(), waiting: [] };
      this.sessions.set(clientId, session);
      this.lines.set(clientId, line);
      line.opened(former !== undefined);
      for (const { topic, payload } of session.waiting.splice(0)) line.deliver(topic, payload);
    });
  }

  /** @internal */
  released(line: Line): void {
    const { clientId, sessionExpiry } = line.options;
    if (this.lines.get(clientId) === line) this.lines.delete(clientId);
    if (sessionExpiry === 0) this.sessions.delete(clientId);
  }

  /** @internal */
  receive(topic: string, payload: string, clientId: string): void {
    for (const { filter, service } of this.services) if (matches(filter, topic)) service(topic, payload, clientId);
  }

  /** @internal */
  subscribed(clientId: string, filters: readonly string[]): void {
    for (const filter of filters) this.sessions.get(clientId)?.filters.add(filter);
  }

  /** @internal */
  undelivered(clientId: string, topic: string, payload: string): void {
    this.sessions.get(clientId)?.waiting.push({ topic, payload });
  }
}

class Line implements Connection {
  closed = false;
  readonly options: ConnectOptions;
  private readonly hub: MemoryHub;
  private readonly events: ConnectionEvents;
  private up = false;
  private readonly unacknowledged = new Set<(error: Error) => void>();

  constructor(hub: MemoryHub, options: ConnectOptions, events: ConnectionEvents) {
    this.hub = hub;
    this.options = options;
    this.events = events;
  }

  refused(): void {
    if (!this.closed) this.events.refused('not admitted', true);
  }

  opened(sessionPresent: boolean): void {
    this.up = true;
    this.events.connected({ sessionPresent });
  }

  lose(reason: string): void {
    if (!this.up) return;
    this.up = false;
    this.hub.released(this);
    for (const fail of [...this.unacknowledged]) fail(new Error(`the line broke: ${reason}`));
    this.events.disconnected(reason);
    if (!this.closed) this.hub.dial(this);
  }

  deliver(topic: string, payload: string): void {
    const { clientId } = this.options;
    this.travel({ direction: 'down', clientId, topic, payload }, () => {
      if (this.up) this.events.message(topic, Buffer.from(payload));
      else this.hub.undelivered(clientId, topic, payload);
    });
  }

  publish(topic: string, payload: string): Promise<void> {
    const { clientId } = this.options;
    return this.acknowledged((done) =>
      this.travel(
        { direction: 'up', clientId, topic, payload },
        () => this.hub.receive(topic, payload, clientId),
        done,
      ),
    );
  }

  subscribe(filters: readonly string[]): Promise<void> {
    return this.acknowledged((done) => {
      this.hub.subscribed(this.options.clientId, filters);
      done();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.lose('closed');
  }

  private acknowledged(send: (done: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.up) return reject(new Error('not connected'));
      const fail = (error: Error) => {
        this.unacknowledged.delete(fail);
        reject(error);
      };
      this.unacknowledged.add(fail);
      send(() => {
        if (this.unacknowledged.delete(fail)) resolve();
      });
    });
  }

  private travel(passage: Passage, arrive: () => void, done: () => void = () => {}): void {
    const fate = this.hub.fate(passage);
    const land = () => {
      if (fate === 'drop') return done();
      if (fate === 'cut-before') return this.lose('cut');
      arrive();
      if (fate === 'duplicate') arrive();
      if (fate === 'cut-after') this.lose('cut');
      done();
    };
    if (fate instanceof Promise) void fate.then(land);
    else setImmediate(land);
  }
}

/** MQTT topic filters: `+` is one level, `#` the rest. */
function matches(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  const rest = wanted.indexOf('#');
  if (rest < 0 && wanted.length !== levels.length) return false;
  return wanted.slice(0, rest < 0 ? undefined : rest).every((want, at) => want === '+' || want === levels[at]);
}
