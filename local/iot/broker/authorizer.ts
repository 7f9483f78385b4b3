import type { X509Certificate } from 'node:crypto';
import type { Principal } from '#local/iam/principal.ts';

/** The MQTT actions of an AWS IoT policy, or of an IAM policy. */
export type MqttAction = 'iot:Connect' | 'iot:Publish' | 'iot:RetainPublish' | 'iot:Subscribe' | 'iot:Receive';

interface Caller {
  readonly ipAddress: string;
  /** The server name that the client asked for in TLS (SNI). */
  readonly domainName: string | undefined;
  /** Who it is, as presence events, rules and `principal()` name it: a certificate's id or that of an IAM identity. */
  readonly principalId: string;
}

/** Who has proven a certificate of our authority. IoT policies decide what it may. */
export interface DevicePeer extends Caller {
  readonly kind: 'device';
  readonly certificate: X509Certificate;
  readonly certificateId: string;
}

/** Who has signed the request for a WebSocket. IAM policies decide what it may. */
export interface SignedPeer extends Caller {
  readonly kind: 'signed';
  readonly principal: Principal;
}

export type Peer = DevicePeer | SignedPeer;

export interface ConnectAttempt<From extends Peer = Peer> {
  readonly peer: From;
  readonly clientId: string;
  /** Whether it wants a session that outlives the connection. */
  readonly persistent: boolean;
  readonly will: { readonly topic: string; readonly retain: boolean } | undefined;
}

/** Decides at every packet. `resource` is the ARN's last part: `client/…`, `topic/…`, `topicfilter/…`. */
export type Allows = (action: MqttAction, resource: string) => boolean;

export type Verdict =
  | { readonly kind: 'admitted'; readonly allows: Allows; readonly thingName: string | undefined }
  | { readonly kind: 'refused'; readonly reason: string };

export interface Authorizer<From extends Peer = Peer> {
  /** Includes the will: `iot:Publish`, and `iot:RetainPublish` for a retained one. */
  connect(attempt: ConnectAttempt<From>): Verdict;
}

/** What is wrong with a CONNECT by the policies that `allows` speaks for, or undefined. */
export function faultOfAttempt({ clientId, will }: ConnectAttempt, allows: Allows): string | undefined {
  if (!allows('iot:Connect', `client/${clientId}`)) return `not authorized to connect as ${clientId}`;
  if (will === undefined) return undefined;
  const topic = `topic/${will.topic}`;
  if (allows('iot:Publish', topic) && (!will.retain || allows('iot:RetainPublish', topic))) return undefined;
  return `not authorized to leave a will on ${will.topic}`;
}
