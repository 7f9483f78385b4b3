import { createServer, type TLSSocket } from 'node:tls';
import type { Connection, EventContext, Sender } from 'rhea';
import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import type { VerifyBearer } from '#local/azure/rest/authorization.ts';
import type { StoredIdentity } from '#local/iot/authority/key-store.ts';
import { type Listener, listenTwice } from '#local/iot/broker/listener.ts';
import { DeviceboundLink } from './devicebound-link.ts';
import { EventLinks } from './event-links.ts';
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

/** Who has shown no good token by then does not stay. */
const proveWithin = 30_000;

/** AMQP 1.0 over TLS for services: messages to devices, what became of them, and what devices have said. */
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
  for (const event of ['error', 'protocol_error', 'connection_error']) container.on(event, () => socket.destroy());
  for (const event of ['session_error', 'sender_error', 'receiver_error', 'disconnected'])
    container.on(event, () => {});
  const { hub, verifyBearer, feedback, log } = options;
  const section = rhea.message.data_section;
  const tokens = new Tokens({ hub, verifyBearer, log });
  const rooms: Rooms = {
    tokens,
    devicebound: new DeviceboundLink(hub, tokens),
    events: new EventLinks(hub, section),
    giveFeedback: (sender) => feedback.attach(sender, section),
  };
  const cancel = hub.clock.after(proveWithin, () => {
    if (!tokens.ofService && !tokens.ofReader) socket.destroy();
  });
  socket.once('close', () => {
    cancel();
    rooms.events.close();
  });
  container.on('receiver_open', (context: EventContext) => attachIncoming(context, rooms));
  container.on('sender_open', (context: EventContext) => attachOutgoing(context, rooms));
  container.on('message', (context: EventContext) => {
    took(context, rooms).catch((error: unknown) => log(`AMQP: ${String(error)}`));
  });
  accept(container.create_connection(), socket);
}

/** What there is behind the links of one connection. */
interface Rooms {
  readonly tokens: Tokens;
  readonly devicebound: DeviceboundLink;
  readonly events: EventLinks;
  giveFeedback(sender: Sender): void;
}

async function took(context: EventContext, { tokens, devicebound, events }: Rooms): Promise<void> {
  switch (addressOf(context.receiver?.target)) {
    case '$cbs':
      return tokens.put(context);
    case '$management':
      return events.answer(context);
    default:
      return devicebound.take(context);
  }
}

/** Its types know only connections that are made, not those that are taken. */
function accept(connection: Connection, socket: TLSSocket): void {
  const take: unknown = Reflect.get(connection, 'accept');
  if (typeof take !== 'function') throw new Error('rhea takes no connections any more');
  take.call(connection, socket);
}

/** A client that sends. Links that lead to other places than these do not open. */
function attachIncoming({ receiver }: EventContext, { tokens }: Rooms): void {
  const address = addressOf(receiver?.target);
  receiver?.set_target({ address });
  if (address === '$cbs') return;
  const allowed = address === '$management' ? tokens.ofReader : tokens.ofService;
  if (address !== '/messages/devicebound' && address !== '$management') receiver?.close(noSuch(address));
  else if (!allowed) receiver?.close(unauthorized);
}

/** A client that receives. */
function attachOutgoing({ sender }: EventContext, { tokens, events, giveFeedback }: Rooms): void {
  if (sender === undefined) return;
  const address = addressOf(sender.source);
  const isFeedback = address.toLowerCase() === '/messages/servicebound/feedback';
  const isEvents = address === '$management' || EventLinks.isMeant(address);
  const { filter } = { filter: undefined, ...sender.source };
  sender.set_source({ address, ...(filter !== undefined && { filter }) });
  if (address === '$cbs') tokens.answerBy(sender);
  else if (!isFeedback && !isEvents) sender.close(noSuch(address));
  else if (!(isFeedback ? tokens.ofService : tokens.ofReader)) sender.close(unauthorized);
  else if (isFeedback) giveFeedback(sender);
  else if (address === '$management') events.answerBy(sender);
  else if (!events.attach(sender, address)) sender.close(noSuch(address));
}

const unauthorized = { condition: 'amqp:unauthorized-access', description: 'Unauthorized' };
const noSuch = (address: string) => ({ condition: 'amqp:not-found', description: `There is no ${address}.` });

function addressOf(terminus: unknown): string {
  const address: unknown =
    typeof terminus === 'object' && terminus !== null ? Reflect.get(terminus, 'address') : undefined;
  return typeof address === 'string' ? address : '';
}
