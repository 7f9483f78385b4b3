import type { IPublishPacket } from 'mqtt-packet';
import type { DeviceboundMessage } from '#local/azure/hub/devicebound-message.ts';
import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import { HubError } from '#local/azure/hub/hub-error.ts';
import type { KeptSessions } from './kept-sessions.ts';
import { deviceTopics } from './topics.ts';

export interface DeliveryOptions {
  readonly hub: LocalIotHub;
  readonly deviceId: string;
  readonly sessions: KeptSessions;
  publish(packet: Pick<IPublishPacket, 'topic' | 'payload'> & Partial<IPublishPacket>): void;
}

interface InFlight {
  readonly sequence: number;
  readonly lockToken: string;
}

/** Queued messages on their way to one device: each again, when its lock has run out, until the device says it has it. */
export class DeviceboundDelivery {
  readonly #options: DeliveryOptions;
  readonly #inFlight = new Map<number, InFlight>();
  #lastPacketId = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  send(message: DeviceboundMessage, qos: 0 | 1): void {
    const { deviceId, sessions, publish } = this.#options;
    const { sequence, lockToken, body } = message;
    const topic = deviceTopics.devicebound(deviceId, bagOf(message));
    if (qos === 0) {
      publish({ topic, payload: body });
      this.#complete({ sequence, lockToken });
      return;
    }
    const again = sessions.sends(deviceId, sequence);
    const messageId = this.#packetIdOf(sequence);
    this.#inFlight.set(messageId, { sequence, lockToken });
    publish({ topic, payload: body, qos: 1, dup: again, messageId });
  }

  acknowledged(packetId: number): void {
    const known = this.#inFlight.get(packetId);
    this.#inFlight.delete(packetId);
    if (known !== undefined) this.#complete(known);
  }

  #complete({ sequence, lockToken }: InFlight): void {
    const { hub, deviceId, sessions } = this.#options;
    sessions.arrived(deviceId, sequence);
    try {
      hub.devicebound.complete(deviceId, lockToken);
    } catch (error) {
      // Its time was over while it was under way.
      if (!(error instanceof HubError)) throw error;
    }
  }

  /** The same for the same message (MQTT 3.1.1, 4.4). */
  #packetIdOf(sequence: number): number {
    for (const [packetId, known] of this.#inFlight) if (known.sequence === sequence) return packetId;
    do this.#lastPacketId = (this.#lastPacketId % 65_535) + 1;
    while (this.#inFlight.has(this.#lastPacketId));
    return this.#lastPacketId;
  }
}

function bagOf(message: DeviceboundMessage) {
  const { deviceId, messageId, correlationId, contentType, contentEncoding, expiresAt, properties } = message;
  return {
    properties,
    system: {
      'message-id': messageId,
      ...(correlationId !== undefined && { 'correlation-id': correlationId }),
      'absolute-expiry-time': new Date(expiresAt).toISOString(),
      to: `/devices/${deviceId}/messages/devicebound`,
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(contentEncoding !== undefined && { 'content-encoding': contentEncoding }),
    },
  };
}
