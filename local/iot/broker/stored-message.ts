import type { DeliverableQos, Message, MessageProperties } from './message.ts';

/** A message as plain JSON, the way the state directory keeps it. */
export interface StoredMessage extends Omit<Message, 'payload' | 'properties' | 'clientId' | 'principal'> {
  /** Base64. */
  readonly payload: string;
  readonly clientId?: string;
  readonly principal?: string;
  readonly properties: Omit<MessageProperties, 'correlationData'> & {
    /** Base64. */
    readonly correlationData?: string;
  };
}

/** One copy on its way to one client. */
export interface StoredCopy {
  readonly clientId: string;
  readonly qos: DeliverableQos;
  readonly retain: boolean;
  readonly message: StoredMessage;
}

/** What a `Collection` of the state directory and a `Map` have in common. */
export interface Store<T> {
  set(key: string, value: T): unknown;
  delete(key: string): boolean;
  entries(): IterableIterator<[string, T]>;
}

export function toStored({ payload, properties, clientId, principal, ...message }: Message): StoredMessage {
  const { correlationData, ...plain } = properties;
  return {
    ...message,
    ...(clientId !== undefined && { clientId }),
    ...(principal !== undefined && { principal }),
    payload: payload.toString('base64'),
    properties: {
      ...plain,
      ...(correlationData !== undefined && { correlationData: correlationData.toString('base64') }),
    },
  };
}

export function fromStored({ payload, properties, clientId, principal, ...message }: StoredMessage): Message {
  const { correlationData, ...plain } = properties;
  return {
    ...message,
    clientId,
    principal,
    payload: Buffer.from(payload, 'base64'),
    properties: {
      ...plain,
      ...(correlationData !== undefined && { correlationData: Buffer.from(correlationData, 'base64') }),
    },
  };
}
