import type { X509Certificate } from 'node:crypto';

/** The MQTT actions of an AWS IoT policy. */
export type MqttAction = 'iot:Connect' | 'iot:Publish' | 'iot:RetainPublish' | 'iot:Subscribe' | 'iot:Receive';

export interface ConnectAttempt {
  readonly certificateId: string;
  readonly certificate: X509Certificate;
  readonly clientId: string;
  readonly ipAddress: string;
  /** The server name that the client asked for in TLS (SNI). */
  readonly domainName: string | undefined;
  /** Whether it wants a session that outlives the connection. */
  readonly persistent: boolean;
  readonly will: { readonly topic: string; readonly retain: boolean } | undefined;
}

/** Who is connected, as policies see it. */
export interface ConnectionContext {
  readonly certificateId: string;
  readonly clientId: string;
}

export type Verdict<Context> =
  | { readonly kind: 'admitted'; readonly context: Context; readonly thingName: string | undefined }
  | { readonly kind: 'refused'; readonly reason: string };

/** Decides at every packet. `resource` is the ARN's last part: `client/…`, `topic/…`, `topicfilter/…`. */
export interface Authorizer<Context extends ConnectionContext = ConnectionContext> {
  /** Includes the will: `iot:Publish`, and `iot:RetainPublish` for a retained one. */
  connect(attempt: ConnectAttempt): Verdict<Context>;
  allowed(context: Context, action: MqttAction, resource: string): boolean;
}
