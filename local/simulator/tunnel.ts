import type { Connection, ConnectionEvents, ConnectOptions, Transport } from '#device-sdk/transport.ts';

const reason = 'in a tunnel';

/** A place without a network. What the vehicle does there, it keeps, and catches up with when it comes out. */
export class Tunnel {
  readonly #lines = new Set<Line>();
  #inside = false;
  #lastWords: string | undefined;

  get inside(): boolean {
    return this.#inside;
  }

  /** The transport of a vehicle that drives through this tunnel now and then. */
  through(transport: Transport): Transport {
    return {
      dialect: transport.dialect,
      connect: (options, events) => {
        const line = new Line(transport, options, events);
        this.#lines.add(line);
        if (!this.#inside) line.dial();
        return {
          publish: async (topic, payload) => {
            await line.connection().publish(topic, payload);
            if (this.#lastWords === undefined || !payload.includes(this.#lastWords)) return;
            await this.enter();
            throw new Error(reason);
          },
          subscribe: async (filters) => line.connection().subscribe(filters),
          close: () => {
            this.#lines.delete(line);
            return line.hangUp();
          },
        };
      },
    };
  }

  /** It begins behind the next message in which this stands: that arrives, and its answer does not. */
  beginsAfter(words: string): void {
    this.#lastWords = words;
  }

  async enter(): Promise<void> {
    this.#lastWords = undefined;
    if (this.#inside) return;
    this.#inside = true;
    await Promise.all([...this.#lines].map((line) => line.lose()));
  }

  leave(): void {
    if (!this.#inside) return;
    this.#inside = false;
    for (const line of this.#lines) line.dial();
  }
}

class Line {
  readonly #transport: Transport;
  readonly #options: ConnectOptions;
  readonly #events: ConnectionEvents;
  /** Undefined in the tunnel. */
  #connection: Connection | undefined;
  /** Rises when a connection is lost: what it still has to say is no news. */
  #era = 0;

  constructor(transport: Transport, options: ConnectOptions, events: ConnectionEvents) {
    this.#transport = transport;
    this.#options = options;
    this.#events = events;
  }

  connection(): Connection {
    if (this.#connection === undefined) throw new Error(reason);
    return this.#connection;
  }

  dial(): void {
    const era = this.#era;
    const heard = (tell: () => void): void => {
      if (era === this.#era) tell();
    };
    this.#connection = this.#transport.connect(this.#options, {
      connected: (session) => heard(() => this.#events.connected(session)),
      disconnected: (why) => heard(() => this.#events.disconnected(why)),
      refused: (why, denied) => heard(() => this.#events.refused(why, denied)),
      message: (topic, payload) => heard(() => this.#events.message(topic, payload)),
    });
  }

  async lose(): Promise<void> {
    const gone = this.hangUp();
    this.#events.disconnected(reason);
    await gone;
  }

  async hangUp(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#era += 1;
    await connection?.close();
  }
}
