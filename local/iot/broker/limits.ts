/** Quotas of the AWS IoT message broker (AWS IoT Core endpoints and quotas, message broker limits). */
export const limits = {
  payloadBytes: 128 * 1024,
  /** Advertised as Maximum Packet Size: 146 KB. */
  packetBytes: 149_504,
  topicBytes: 256,
  topicSlashes: 7,
  filtersPerSubscribe: 8,
  subscriptionsPerConnection: 50,
  clientIdBytes: 128,
  shareNameBytes: 128,
  receiveMaximum: 100,
  topicAliases: 8,
  keepAliveSeconds: { least: 30, most: 1200 },
  sessionSeconds: 7 * 24 * 3600,
  messageExpirySeconds: 7 * 24 * 3600,
  /** An unacknowledged QoS 1 message is given up after an hour. */
  redeliverySeconds: 3600,
  /** A WebSocket lives a day. */
  webSocketSeconds: 24 * 3600,
} as const;

/** What an operator of a local cloud may set; the defaults are those of AWS. */
export interface BrokerSettings {
  /** The account's quota for persistent sessions: 1 h, at most 7 days. Longer wishes are clamped to it. */
  readonly persistentSessionSeconds: number;
  /** Stored messages a second after a session was resumed. */
  readonly replayPerSecond: number;
  /** Messages kept for one session; the newest are dropped beyond it. Ours: a local machine's memory is finite. */
  readonly storedMessages: number;
  /** What one connection may publish in a second, and be sent. What is beyond it is not taken; QoS 1 waits. */
  readonly publishing: { readonly messages: number; readonly bytes: number };
  /** How long a QoS 1 message waits for its acknowledgement before it is sent again. AWS does not publish it. */
  readonly redeliverAfterSeconds: number;
  /** The least time between two CONNECTs of one client id. AWS has 1 s; 0 here, so that tests may reconnect at once. */
  readonly connectPauseSeconds: number;
  /** How long a client may take between TLS and CONNECT. */
  readonly connectWithinSeconds: number;
}

export const defaultSettings: BrokerSettings = {
  persistentSessionSeconds: 3600,
  replayPerSecond: 10,
  storedMessages: 10_000,
  publishing: { messages: 100, bytes: 512 * 1024 },
  redeliverAfterSeconds: 30,
  connectPauseSeconds: 0,
  connectWithinSeconds: 30,
};
