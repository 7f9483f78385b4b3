import type { IDisconnectPacket, Packet } from 'mqtt-packet';
import { handleConnect } from './connect.ts';
import type { Agreement, Connection } from './connection.ts';
import { limits } from './limits.ts';
import { handlePublish } from './publish.ts';
import { reasonCode } from './reason-code.ts';
import { handleSubscribe, handleUnsubscribe } from './subscribe.ts';

/** Gives each packet of a client to its handler. */
export function dispatch(connection: Connection, packet: Packet): void {
  const { agreement } = connection;
  if (agreement === undefined) {
    if (packet.cmd === 'connect') handleConnect(connection, packet);
    else connection.end({ reason: 'CLIENT_ERROR' });
    return;
  }
  switch (packet.cmd) {
    case 'publish':
      handlePublish(connection, agreement, packet);
      return;
    case 'puback':
      agreement.session.acknowledged(packet.messageId ?? 0);
      return;
    case 'subscribe':
      handleSubscribe(connection, agreement, packet);
      return;
    case 'unsubscribe':
      handleUnsubscribe(connection, agreement, packet);
      return;
    case 'pingreq':
      connection.send({ cmd: 'pingresp' });
      return;
    case 'disconnect':
      handleDisconnect(connection, agreement, packet);
      return;
    default: {
      const explanation = `${packet.cmd} is not expected from a client`;
      connection.end({ reason: 'CLIENT_ERROR', code: reasonCode.protocolError, explanation });
    }
  }
}

/** MQTT 5, 3.14. */
function handleDisconnect(connection: Connection, { session }: Agreement, packet: IDisconnectPacket): void {
  const expiry = packet.properties?.sessionExpiryInterval;
  if (expiry !== undefined) {
    if (session.expirySeconds === 0 && expiry > 0) {
      connection.end({ reason: 'CLIENT_ERROR', code: reasonCode.protocolError });
      return;
    }
    const quota = Math.min(connection.core.settings.persistentSessionSeconds, limits.sessionSeconds);
    session.expirySeconds = Math.min(expiry, quota);
  }
  const preventWill = packet.reasonCode !== reasonCode.disconnectWithWill;
  connection.end({ reason: 'CLIENT_INITIATED_DISCONNECT', preventWill });
}
