import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { StoredIdentity } from '#local/iot/authority/key-store.ts';
import { listenOnLoopback } from '#local/loopback.ts';
import type { DevicePeer } from './authorizer.ts';
import { Handshakes } from './handshakes.ts';
import { serverNameOf, shownCertificate } from './shown-certificate.ts';

export interface ListenerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly caPem: string;
  readonly server: StoredIdentity;
  /** Whether the registry has this certificate; absent: there are none but those of our authority. */
  readonly isRegistered?: (certificateId: string) => boolean;
  readonly log: (line: string) => void;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

// AWS SDKs ask for it on the MQTT port; other clients ask for nothing.
const alpnProtocols = ['x-amzn-mqtt-ca'];

/** TLS with client certificates, on both loopback addresses. */
export async function listen(
  options: ListenerOptions,
  accept: (socket: TLSSocket, peer: DevicePeer) => void,
): Promise<Listener> {
  return listenTwice(options, () => {
    const server = createServer({
      key: options.server.privateKeyPem,
      cert: options.server.certificatePem,
      ca: options.caPem,
      requestCert: true,
      // Who may come in with a certificate of somebody else, the registry knows and not TLS.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ALPNProtocols: alpnProtocols,
    });
    server.on('secureConnection', (socket) => {
      socket.setNoDelay(true);
      const peer = peerOf(socket, options.isRegistered ?? (() => false));
      if (peer !== undefined) return accept(socket, peer);
      options.log(`refused a client certificate: ${socket.authorizationError}`);
      socket.destroy();
    });
    return server;
  });
}

/**
 * Opens a server on 127.0.0.1 and the same on ::1, for clients that know it as localhost.
 *
 * @throws the system's error, with `port`, when the port is taken on either
 */
export async function listenTwice(
  options: Pick<ListenerOptions, 'port' | 'log'>,
  newServer: () => Server,
): Promise<Listener> {
  const handshakes: Handshakes[] = [];
  const open = (): Server => {
    const server = newServer();
    handshakes.push(new Handshakes(server));
    server.on('tlsClientError', (error) => options.log(`refused a TLS handshake: ${error.message}`));
    return server;
  };
  const first = open();
  const port = await listenOnLoopback(first, options.port, '127.0.0.1');
  const second = open();
  try {
    await listenOnLoopback(second, port, '::1');
  } catch (error) {
    if (isTaken(error)) {
      // clients that know the broker as localhost would come to whoever has it
      await new Promise((resolve) => first.close(resolve));
      if (options.port === 0) return listenTwice(options, newServer);
      throw error;
    }
    // a machine without IPv6, where clients try 127.0.0.1
    options.log(`a device port listens on 127.0.0.1 alone: ${String(error)}`);
  }
  return {
    port,
    async close() {
      const closed = [first, second].map((server) => new Promise((resolve) => server.close(resolve)));
      for (const each of handshakes) each.destroy();
      await Promise.all(closed);
    },
  };
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function peerOf(socket: TLSSocket, isRegistered: (certificateId: string) => boolean): DevicePeer | undefined {
  const shown = shownCertificate(socket, isRegistered);
  return (
    shown && {
      ...{ kind: 'device', ...shown, principalId: shown.certificateId },
      ipAddress: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      domainName: serverNameOf(socket),
    }
  );
}
