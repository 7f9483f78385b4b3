import { createServer, type TLSSocket } from 'node:tls';
import type { Connection, EventContext, Sender } from 'rhea';
import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import type { VerifyBearer } from '#local/azure/rest/authorization.ts';
import type { StoredIdentity } from '#local/iot/authority/key-store.ts';
import { type Listener, listenTwice } from '#local/iot/broker/listener.ts';
import { DeviceboundLink } from './devicebound-link.ts';
import type { FeedbackQueue } from './feedback-queue.ts';
import { Tokens } from './tokens.ts';

export interface AmqpServerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly server: StoredIdentity;
  readonly hub: LocalIotHub;
  readonly feedback: FeedbackQueue;
  readonly verifyBearer: VerifyBearer;
  readonly log: (line: string) => void;
}

/** AMQP 1.0 over TLS for services: messages to devices, and what became of them. */
export async function openAmqpServer(options: AmqpServerOptions): Promise<Listener> {
  const { server: identity, port, log } = options;
  const open = new Set<TLSSocket>();
  const listener = await listenTwice({ port, log }, () => {
    const server = createServer({
      key: identity.privateKeyPem,
      cert: identity.certificatePem,
      minVersion: 'TLSv1.2',
    });
    server.on('secureConnection', (socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      socket.on('error', () => socket.destroy());
      welcome(socket, options).catch((error: unknown) => {
        log(`AMQP: ${String(error)}`);
        socket.destroy();
      });
    });
    return server;
  });
  return {
    port: listener.port,
    async close() {
      for (const socket of open) socket.destroy();
      await listener.close();
    },
  };
}

/** The library is loaded when somebody comes: most clouds see nobody. */
async function welcome(socket: TLSSocket, options: AmqpServerOptions): Promise<void> {
  const { default: rhea } = await import('rhea');
  if (socket.destroyed) return;
  const container = rhea.create_container({ id: options.hub.hostName, autoaccept: false });
  container.sasl_server_mechanisms.enable_anonymous();
  // What a client does wrong ends its connection, not this process.
  for (const event of [
    'error',
    'connection_error',
    'session_error',
    'sender_error',
    'receiver_error',
    'protocol_error',
  ]) {
    container.on(event, () => {});
  }
  const { hub, verifyBearer, feedback, log } = options;
  const tokens = new Tokens({ hub, verifyBearer, log });
  const devicebound = new DeviceboundLink(hub, tokens);
  container.on('receiver_open', (context: EventContext) => attachIncoming(context, tokens));
  container.on('sender_open', (context: EventContext) =>
    attachOutgoing(context, tokens, (sender) => feedback.attach(sender, rhea.message.data_section)),
  );
  container.on('message', (context: EventContext) => {
    const address = addressOf(context.receiver?.target);
    const taken = address === '$cbs' ? tokens.put(context) : devicebound.take(context);
    taken.catch((error: unknown) => log(`AMQP: ${String(error)}`));
  });
  accept(container.create_connection(), socket);
}

/** Its types know only connections that are made, not those that are taken. */
function accept(connection: Connection, socket: TLSSocket): void {
  const take: unknown = Reflect.get(connection, 'accept');
  if (typeof take !== 'function') throw new Error('rhea takes no connections any more');
  take.call(connection, socket);
}

/** A client that sends. Links that lead to other places than these do not open. */
function attachIncoming({ receiver }: EventContext, tokens: Tokens): void {
  const address = addressOf(receiver?.target);
  receiver?.set_target({ address });
  if (address === '$cbs') return;
  if (address !== '/messages/devicebound') receiver?.close(noSuch(address));
  else if (!tokens.ofService) receiver?.close(unauthorized);
}

/** A client that receives. */
function attachOutgoing({ sender }: EventContext, tokens: Tokens, giveFeedback: (sender: Sender) => void): void {
  if (sender === undefined) return;
  const address = addressOf(sender.source);
  sender.set_source({ address });
  if (address === '$cbs') {
    tokens.answerBy(sender);
  } else if (address.toLowerCase() !== '/messages/servicebound/feedback') {
    sender.close(noSuch(address));
  } else if (!tokens.ofService) {
    sender.close(unauthorized);
  } else {
    giveFeedback(sender);
  }
}

const unauthorized = { condition: 'amqp:unauthorized-access', description: 'Unauthorized' };
const noSuch = (address: string) => ({ condition: 'amqp:not-found', description: `There is no ${address}.` });

function addressOf(terminus: unknown): string {
  const address: unknown =
    typeof terminus === 'object' && terminus !== null ? Reflect.get(terminus, 'address') : undefined;
  return typeof address === 'string' ? address : '';
}
