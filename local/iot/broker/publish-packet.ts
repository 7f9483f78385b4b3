import { generate, type IPublishPacket } from 'mqtt-packet';
import { limits } from './limits.ts';
import type { MessageProperties, Outgoing } from './message.ts';
import { expiryOf } from './retained-messages.ts';

/** A delivery as bytes. MQTT 5 clients get the properties and what is left of the message's life. */
export function encodePublish(
  { message, qos, retain }: Outgoing,
  packetId: number | undefined,
  again: boolean,
  protocolVersion: 4 | 5,
  now: number,
): Buffer {
  const packet: IPublishPacket = {
    cmd: 'publish',
    topic: message.topic,
    payload: message.payload,
    qos,
    dup: again,
    retain,
    ...(packetId === undefined ? {} : { messageId: packetId }),
    ...(protocolVersion === 5 ? { properties: { ...message.properties } } : {}),
  };
  if (packet.properties?.messageExpiryInterval !== undefined) {
    packet.properties.messageExpiryInterval = Math.max(1, Math.ceil((expiryOf(message) - now) / 1000));
  }
  return generate(packet, { protocolVersion });
}

type PacketProperties = NonNullable<IPublishPacket['properties']>;

/** The properties of a PUBLISH or of a will that go on to subscribers; topic alias and will delay do not. */
export function messagePropertiesOf(properties: PacketProperties = {}): MessageProperties {
  const { messageExpiryInterval, responseTopic, correlationData, userProperties, contentType, payloadFormatIndicator } =
    properties;
  return {
    ...(messageExpiryInterval === undefined ? {} : { messageExpiryInterval: clampedExpiry(messageExpiryInterval) }),
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlationData === undefined ? {} : { correlationData }),
    ...(userProperties === undefined || Object.keys(userProperties).length === 0 ? {} : { userProperties }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(payloadFormatIndicator === undefined ? {} : { payloadFormatIndicator }),
  };
}

function clampedExpiry(seconds: number): number {
  return Math.min(Math.max(seconds, 1), limits.messageExpirySeconds);
}
