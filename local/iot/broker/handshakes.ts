import type { Socket } from 'node:net';
import type { Server } from 'node:tls';

/**
 * The TCP connections of a TLS server whose handshake is not through. Nobody else knows of them, and a server does
 * not close as long as it has one: somebody who connects and says nothing would hold up the end for two minutes.
 */
export class Handshakes {
  /** By the peer's port, all that a raw socket and its TLS socket have in common. */
  readonly #raw = new Map<number | undefined, Socket>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      const { remotePort } = socket;
      this.#raw.set(remotePort, socket);
      socket.once('close', () => {
        if (this.#raw.get(remotePort) === socket) this.#raw.delete(remotePort);
      });
    });
    server.on('secureConnection', (socket) => this.#raw.delete(socket.remotePort));
  }

  destroy(): void {
    for (const socket of this.#raw.values()) socket.destroy();
  }
}
