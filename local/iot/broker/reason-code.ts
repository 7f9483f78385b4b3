/** MQTT 5 reason codes, as far as AWS IoT uses them. */
export const reasonCode = {
  success: 0x00,
  disconnectWithWill: 0x04,
  unspecified: 0x80,
  malformed: 0x81,
  protocolError: 0x82,
  invalidClientId: 0x85,
  badCredentials: 0x86,
  notAuthorized: 0x87,
  shuttingDown: 0x8b,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  invalidFilter: 0x8f,
  invalidTopic: 0x90,
  packetIdInUse: 0x91,
  receiveMaximumExceeded: 0x93,
  invalidTopicAlias: 0x94,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  qosNotSupported: 0x9b,
  subscriptionIdentifiersNotSupported: 0xa1,
} as const;

export type ReasonCode = (typeof reasonCode)[keyof typeof reasonCode];

/** CONNACK return codes of MQTT 3.1.1. */
export const returnCode = {
  accepted: 0,
  unacceptableVersion: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  // AWS IoT answers 7 where the standard says 5 (not authorized).
  notAuthorized: 7,
} as const;

export type ReturnCode = (typeof returnCode)[keyof typeof returnCode];

/** Why a connection ended, in the words of AWS IoT's life-cycle events. */
export type DisconnectReason =
  | 'CLIENT_INITIATED_DISCONNECT'
  | 'CLIENT_ERROR'
  | 'CONNECTION_LOST'
  | 'MQTT_KEEP_ALIVE_TIMEOUT'
  | 'DUPLICATE_CLIENTID'
  | 'FORBIDDEN_ACCESS'
  | 'SERVER_ERROR'
  | 'SERVER_INITIATED_DISCONNECT'
  | 'THROTTLED'
  | 'WEBSOCKET_TTL_EXPIRATION'
  | 'AUTH_ERROR'
  | 'API_INITIATED_DISCONNECT';
