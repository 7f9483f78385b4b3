import { randomBytes } from 'node:crypto';

/** Codes as the service's clients know them, with their HTTP status; the status is the code's first three digits. */
const numbers = {
  ArgumentInvalid: 400004,
  ArgumentNull: 400005,
  InvalidProtocolVersion: 400001,
  ConnectionForcefullyClosedOnNewConnection: 400027,
  MessageTooLarge: 413001,
  IotHubUnauthorizedAccess: 401002,
  IotHubUnauthorized: 401003,
  IotHubQuotaExceeded: 403002,
  DeviceMaximumQueueDepthExceeded: 403004,
  TooManyDevices: 403012,
  DeviceDisabled: 403010,
  ResourceNotFound: 404000,
  DeviceNotFound: 404001,
  JobNotFound: 404004,
  ConfigurationNotFound: 404011,
  DeviceNotOnline: 404103,
  MethodNotAllowed: 405001,
  DeviceAlreadyExists: 409001,
  JobAlreadyExists: 409003,
  ConfigurationAlreadyExists: 409005,
  PreconditionFailed: 412001,
  DeviceMessageLockLost: 412002,
  ThrottlingException: 429001,
  ThrottlingBacklogLimitExceeded: 429002,
  ThrottlingMaxActiveJobCountExceeded: 429004,
  ServerError: 500001,
  ServiceUnavailable: 503001,
  GatewayTimeout: 504101,
} as const;

export type HubErrorCode = keyof typeof numbers;

export function isHubErrorCode(name: string): name is HubErrorCode {
  return Object.hasOwn(numbers, name);
}

/** What the hub refuses, whichever protocol asked. */
export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: HubErrorCode;
  /** Six digits, for instance 404103. */
  readonly number: number;
  readonly trackingId = randomBytes(16).toString('hex').toUpperCase();
  /** Seconds; only where the hub is asked too often. */
  readonly retryAfter: number | undefined;

  constructor(code: HubErrorCode, message: string, more: { readonly retryAfter?: number } = {}) {
    super(message);
    this.code = code;
    this.number = numbers[code];
    this.retryAfter = more.retryAfter;
  }

  /** Of HTTP, and of the answers that devices get. */
  get status(): number {
    return Math.floor(this.number / 1000);
  }
}

export const deviceNotFound = (deviceId: string) =>
  new HubError('DeviceNotFound', `The device ${deviceId} is not registered.`);

export const argumentInvalid = (message: string) => new HubError('ArgumentInvalid', message);
