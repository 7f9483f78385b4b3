import type { IConnectPacket } from 'mqtt-packet';
import type { Core } from './core.ts';
import { limits } from './limits.ts';
import { type ReasonCode, type ReturnCode, reasonCode, returnCode } from './reason-code.ts';
import { faultOfTopic } from './topic-name.ts';

/** How a CONNECT is answered: with MQTT 5, with 3.1.1, and why. */
export type Refusal = readonly [ReasonCode, ReturnCode, string];

/** What no policy needs to be asked for. */
export function faultOfConnect(packet: IConnectPacket): Refusal | undefined {
  const identifier = (text: string): Refusal => [reasonCode.invalidClientId, returnCode.identifierRejected, text];
  const { clientId, properties = {} } = packet;
  if (packet.protocolVersion !== 4 && packet.protocolVersion !== 5) {
    return [reasonCode.unspecified, returnCode.unacceptableVersion, 'only MQTT 3.1.1 and 5 are spoken here'];
  }
  if (clientId.startsWith('$')) return identifier('a client id does not begin with $');
  if (Buffer.byteLength(clientId) > limits.clientIdBytes) {
    return identifier(`the client id has more than ${limits.clientIdBytes} bytes`);
  }
  // MQTT 3.1.1, 3.1.3.1
  if (clientId === '' && packet.clean === false && packet.protocolVersion === 4) {
    return identifier('a session without client id cannot be kept');
  }
  if (properties.authenticationMethod !== undefined) {
    return [reasonCode.badCredentials, returnCode.notAuthorized, 'enhanced authentication is not offered'];
  }
  if (properties.receiveMaximum === 0 || properties.maximumPacketSize === 0) {
    return [reasonCode.unspecified, returnCode.serverUnavailable, 'a maximum of 0 is a protocol error'];
  }
  return undefined;
}

export function faultOfWill({ will }: IConnectPacket): Refusal | undefined {
  if (will === undefined) return undefined;
  const { identifierRejected, notAuthorized } = returnCode;
  if (will.qos === 2) return [reasonCode.qosNotSupported, notAuthorized, 'the will has QoS 2'];
  const fault = faultOfTopic(will.topic);
  if (fault !== undefined) return [reasonCode.invalidTopic, identifierRejected, `the will's topic: ${fault}`];
  if (will.retain === true && will.topic.startsWith('$')) {
    return [reasonCode.invalidTopic, identifierRejected, 'nothing is retained on topics that begin with $'];
  }
  return undefined;
}

/** A client id connects once in so many seconds, if the operator wants that; attempts that were refused count too. */
export function faultOfPace({ clock, settings, connectedAt }: Core, clientId: string): Refusal | undefined {
  const pause = settings.connectPauseSeconds * 1000;
  if (pause === 0 || clientId === '') return undefined;
  const now = clock.now();
  const before = connectedAt.get(clientId);
  if (connectedAt.size >= 10_000) connectedAt.clear();
  connectedAt.set(clientId, now);
  if (before === undefined || now < before || now - before >= pause) return undefined;
  return [reasonCode.quotaExceeded, returnCode.serverUnavailable, 'it connected a moment ago: try again later'];
}
