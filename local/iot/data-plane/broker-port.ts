import type { Message, MessageProperties } from '../broker/message.ts';

/** A message that comes by HTTP. */
export interface HttpPublish {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly properties: MessageProperties;
  /** The certificate id of a device. Undefined: an AWS identity. */
  readonly principal: string | undefined;
}

/** What the data plane asks of the message broker. */
export interface DataPlaneBroker {
  /** Resolves when the message was taken over; reserved topics reach their services. */
  publish(message: HttpPublish): Promise<void>;
  retainedMessage(topic: string): Message | undefined;
  retainedMessages(): readonly Message[];
  /** `false` when no such client is connected. */
  deleteConnection(clientId: string, options: DeleteConnectionOptions): boolean;
}

export interface DeleteConnectionOptions {
  /** True also ends the client's persistent session. */
  readonly cleanSession: boolean;
  readonly preventWillMessage: boolean;
}
