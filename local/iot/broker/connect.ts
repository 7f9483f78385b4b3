import { randomUUID } from 'node:crypto';
import type { IConnackPacket, IConnectPacket } from 'mqtt-packet';
import type { Allows } from './authorizer.ts';
import { faultOfConnect, faultOfPace, faultOfWill, type Refusal } from './connect-faults.ts';
import type { Connection, Departure } from './connection.ts';
import type { Core } from './core.ts';
import { limits } from './limits.ts';
import type { Message } from './message.ts';
import { messagePropertiesOf } from './publish-packet.ts';
import { reasonCode, returnCode } from './reason-code.ts';
import { announce } from './router.ts';
import { openSession, parkSession, publishWill } from './session-life.ts';
import { toStored } from './stored-message.ts';

/** MQTT 5, 3.1: the first packet of a connection. */
export function handleConnect(connection: Connection, packet: IConnectPacket): void {
  const version = packet.protocolVersion === 5 ? 5 : 4;
  const refuse = ([reason, code, explanation]: Refusal) => {
    connection.core.log(`refused ${packet.clientId || 'a client'}: ${explanation}`);
    const answer: IConnackPacket = { cmd: 'connack', sessionPresent: false };
    const properties = { reasonString: explanation };
    connection.send(
      version === 5 ? { ...answer, reasonCode: reason, properties } : { ...answer, returnCode: code },
      version,
    );
    connection.end({ reason: 'AUTH_ERROR' });
  };
  const fault = faultOfConnect(packet) ?? faultOfWill(packet) ?? faultOfPace(connection.core, packet.clientId);
  if (fault !== undefined) {
    refuse(fault);
    return;
  }
  const clientId = packet.clientId === '' ? `$GEN/${randomUUID()}` : packet.clientId;
  const { will } = packet;
  const verdict = connection.core.authorizer.connect({
    peer: connection.peer,
    clientId,
    persistent: packet.clean === false || (packet.properties?.sessionExpiryInterval ?? 0) > 0,
    will: will === undefined ? undefined : { topic: will.topic, retain: will.retain === true },
  });
  if (verdict.kind === 'refused') refuse([reasonCode.notAuthorized, returnCode.notAuthorized, verdict.reason]);
  else admit(connection, packet, { ...verdict, clientId, version });
}

interface Admission {
  readonly allows: Allows;
  readonly thingName: string | undefined;
  readonly clientId: string;
  readonly version: 4 | 5;
}

function admit(connection: Connection, packet: IConnectPacket, admission: Admission): void {
  const { core, peer } = connection;
  const { clientId, allows, thingName, version } = admission;
  core.connections.get(clientId)?.end({ reason: 'DUPLICATE_CLIENTID', code: reasonCode.sessionTakenOver });

  const { session, present } = openSession(core, clientId, packet.clean !== false);
  session.expirySeconds = sessionExpiryOf(core, packet);
  core.journal.save(session);
  const keepAliveSeconds = keepAliveOf(packet.keepalive ?? 0);
  const will = willOf(core, packet, clientId, peer.principalId);
  if (will !== undefined) core.wills.set(clientId, toStored(will.message));
  const sessionIdentifier = randomUUID().replaceAll('-', '');
  connection.open({
    clientId,
    principalId: peer.principalId,
    protocolVersion: version,
    sessionIdentifier,
    ipAddress: peer.ipAddress,
    connectedAt: core.clock.now(),
    allows,
    session,
    keepAliveSeconds,
    receiveMaximum: Math.min(packet.properties?.receiveMaximum ?? limits.receiveMaximum, limits.receiveMaximum),
    maximumPacketSize: packet.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    wantsReasons: packet.properties?.requestProblemInformation !== false,
    onEnd: (departure) => leave(core, connection, departure, will),
  });
  core.connections.set(clientId, connection);
  connection.send(connackOf(packet, { version, present, clientId, keepAliveSeconds, expiry: session.expirySeconds }));
  const arrival = { ...peer, clientId, sessionIdentifier, principalIdentifier: peer.principalId, thingName };
  announce(core, core.presence.arrived(arrival, core.clock.now(), session.expirySeconds));
  session.attach(connection);
}

interface Will {
  readonly message: Message;
  readonly delaySeconds: number;
}

function leave(core: Core, connection: Connection, departure: Departure, will: Will | undefined): void {
  const agreement = connection.agreement;
  if (agreement === undefined) return;
  const { clientId, session } = agreement;
  if (core.connections.get(clientId) === connection) core.connections.delete(clientId);
  const willSent = departure.preventWill === true ? undefined : will;
  if (willSent === undefined) core.wills.delete(clientId);
  const pending = willSent && {
    delaySeconds: willSent.delaySeconds,
    settle(kind: 'send' | 'drop') {
      core.wills.delete(clientId);
      if (kind === 'send') publishWill(core, willSent.message);
    },
  };
  parkSession(core, session, pending);
  announce(core, core.presence.left(clientId, departure.reason, core.clock.now()));
}

function willOf(core: Core, { will }: IConnectPacket, clientId: string, principal: string): Will | undefined {
  if (will === undefined) return undefined;
  const { payload, qos, retain } = will;
  return {
    delaySeconds: will.properties?.willDelayInterval ?? 0,
    message: {
      topic: will.topic,
      payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
      qos: qos === 1 ? 1 : 0,
      retain: retain === true,
      clientId,
      principal,
      properties: messagePropertiesOf(will.properties),
      timestamp: core.clock.now(),
    },
  };
}

function sessionExpiryOf(core: Core, packet: IConnectPacket): number {
  const quota = Math.min(core.settings.persistentSessionSeconds, limits.sessionSeconds);
  if (packet.protocolVersion !== 5) return packet.clean === false ? quota : 0;
  return Math.min(packet.properties?.sessionExpiryInterval ?? 0, quota);
}

function keepAliveOf(wished: number): number {
  const { least, most } = limits.keepAliveSeconds;
  return wished === 0 ? most : Math.min(Math.max(wished, least), most);
}

interface Accepted {
  readonly version: 4 | 5;
  readonly present: boolean;
  readonly clientId: string;
  readonly keepAliveSeconds: number;
  readonly expiry: number;
}

function connackOf(packet: IConnectPacket, accepted: Accepted): IConnackPacket {
  const answer = { cmd: 'connack', sessionPresent: accepted.present } as const;
  if (accepted.version === 4) return { ...answer, returnCode: returnCode.accepted };
  const wished = packet.properties?.sessionExpiryInterval ?? 0;
  return {
    ...answer,
    reasonCode: reasonCode.success,
    properties: {
      receiveMaximum: limits.receiveMaximum,
      maximumQoS: 1,
      retainAvailable: true,
      maximumPacketSize: limits.packetBytes,
      topicAliasMaximum: limits.topicAliases,
      wildcardSubscriptionAvailable: true,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: true,
      serverKeepAlive: accepted.keepAliveSeconds,
      ...(wished === accepted.expiry ? {} : { sessionExpiryInterval: accepted.expiry }),
      ...(packet.clientId === '' ? { assignedClientIdentifier: accepted.clientId } : {}),
    },
  };
}
