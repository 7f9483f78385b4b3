import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A line between a vehicle and the edge that counts what goes over it, and breaks where it is told to. */
export class CountingLine {
  /** To the vehicle and from it, TLS and HTTP and all. */
  received = 0;
  sent = 0;
  connections = 0;
  cuts = 0;
  readonly #server;
  readonly #cutEvery: number;
  #untilCut: number;

  private constructor(port: number, cutEvery: number) {
    this.#cutEvery = cutEvery;
    this.#untilCut = cutEvery;
    this.#server = createServer((vehicle) => this.#join(vehicle, connect(port, '127.0.0.1')));
  }

  /** @param cutEvery bytes to the vehicle */
  static async open(address: string, port: number, cutEvery = Number.POSITIVE_INFINITY): Promise<CountingLine> {
    const line = new CountingLine(port, cutEvery);
    line.#server.listen(port, address);
    await once(line.#server, 'listening');
    return line;
  }

  async close(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(vehicle: Socket, edge: Socket): void {
    this.connections += 1;
    const end = () => {
      vehicle.destroy();
      edge.destroy();
    };
    for (const socket of [vehicle, edge]) socket.on('error', end).on('close', end).on('end', end);
    vehicle.on('data', (chunk: Buffer) => {
      this.sent += chunk.length;
      edge.write(chunk);
    });
    edge.on('data', (chunk: Buffer) => {
      this.received += chunk.length;
      this.#untilCut -= chunk.length;
      if (this.#untilCut <= 0) {
        this.cuts += 1;
        this.#untilCut = this.#cutEvery;
        return end();
      }
      if (!vehicle.write(chunk)) edge.pause();
    });
    vehicle.on('drain', () => edge.resume());
  }
}
