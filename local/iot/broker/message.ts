import type { UserProperties } from 'mqtt-packet';

/** The MQTT 5 properties of a PUBLISH that travel with the message. */
export interface MessageProperties {
  /** Seconds, 1 to 604,800. */
  readonly messageExpiryInterval?: number;
  readonly responseTopic?: string;
  readonly correlationData?: Buffer;
  readonly userProperties?: UserProperties;
  readonly contentType?: string;
  /** True: the payload is UTF-8 text. */
  readonly payloadFormatIndicator?: boolean;
}

export type DeliverableQos = 0 | 1;

/** A message as the broker accepted it. */
export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: DeliverableQos;
  readonly retain: boolean;
  /** Who published it. Undefined: the cloud itself. */
  readonly clientId: string | undefined;
  /** The certificate id of the publisher. Undefined: the cloud itself. */
  readonly principal: string | undefined;
  readonly properties: MessageProperties;
  /** When the broker took it, by the local clock. */
  readonly timestamp: number;
  /** The tracing header of what published it: a copy may wait long for its client. */
  readonly traceHeader?: string | undefined;
}

/** One copy of a message on its way to one client. */
export interface Outgoing {
  readonly message: Message;
  readonly qos: DeliverableQos;
  readonly retain: boolean;
}
