/** A message to a device, as a service wants it sent. */
export interface DeviceboundWish {
  readonly deviceId: string;
  readonly messageId?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly body: Buffer;
  readonly properties: Readonly<Record<string, string>>;
  /** ms since the Unix epoch; without it an hour from now. */
  readonly expiresAt?: number | undefined;
  readonly ack?: 'none' | 'positive' | 'negative' | 'full' | undefined;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
}

/** As the device gets it: locked for it until the lock ends. */
export interface DeviceboundMessage extends DeviceboundWish {
  readonly sequence: number;
  readonly messageId: string;
  readonly expiresAt: number;
  readonly enqueuedAt: number;
  readonly deliveryCount: number;
  /** Of this delivery. */
  readonly lockToken: string;
}

export type FeedbackStatus = 'Success' | 'Expired' | 'DeliveryCountExceeded' | 'Rejected' | 'Purged';

export interface FeedbackRecord {
  readonly originalMessageId: string;
  readonly deviceId: string;
  readonly deviceGenerationId: string;
  readonly statusCode: FeedbackStatus;
  readonly description: FeedbackStatus;
  readonly enqueuedTimeUtc: string;
}
