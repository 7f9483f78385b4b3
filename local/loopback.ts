import { createServer, type Server } from 'node:net';

/**
 * Opens a server on loopback, where nobody else can reach it.
 *
 * @param port 0 takes a free one
 * @returns the real port
 * @throws the system's error, with `port`, when the port is taken
 */
export async function listenOnLoopback(server: Server, port: number, host: '127.0.0.1' | '::1' = '127.0.0.1') {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** A port for a process that cannot tell which one it took. Somebody else may be faster: try again then. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listenOnLoopback(probe, 0);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
