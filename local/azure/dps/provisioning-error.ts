import { randomUUID } from 'node:crypto';

/** What the provisioning service refuses, whichever protocol asked. */
export class ProvisioningError extends Error {
  override readonly name = 'ProvisioningError';
  /** Six digits, the first three being HTTP's status: 401002. */
  readonly code: number;
  /** s, where somebody asks too often. */
  readonly retryAfter: number | undefined;

  constructor(code: number, message: string, more: { readonly retryAfter?: number } = {}) {
    super(message);
    this.code = code;
    this.retryAfter = more.retryAfter;
  }

  get status(): number {
    return Math.floor(this.code / 1000);
  }

  get body(): object {
    const timestampUtc = new Date().toISOString();
    return { errorCode: this.code, trackingId: randomUUID(), message: this.message, timestampUtc };
  }
}

export const badRequest = (message: string) => new ProvisioningError(400004, message);
export const unauthorized = (message: string) => new ProvisioningError(401002, message);
export const notFound = (message: string) => new ProvisioningError(404201, message);
