import * as z from 'zod/mini';
import type { Host } from './host.ts';
import { parseJson } from './storage.ts';
import type { Connection, Transport } from './transport.ts';

/** The cloud understood the request and said no. */
export class ProvisioningRefused extends Error {
  override readonly name = 'ProvisioningRefused';
  readonly statusCode: number;
  /** AWS's own name of the reason: `AccessDenied`, `InvalidCertificateOwnershipToken` … */
  readonly code: string;

  constructor(statusCode: number, code: string, message: string) {
    super(`${code}: ${message}`);
    this.statusCode = statusCode;
    this.code = code;
  }
}

const rejectionSchema = z.object({
  statusCode: z.number(),
  errorCode: z._default(z.string(), 'Unknown'),
  errorMessage: z._default(z.string(), ''),
});

interface Credentials {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/**
 * One connection under a claim, for questions that are answered on `<topic>/accepted` or `/rejected`.
 * There is one question at a time, because the answers carry no token.
 */
export class ProvisioningCall {
  private readonly connection: Connection;
  private readonly answerTimeout: number;
  private readonly host: Host;
  private online: { resolve: () => void; reject: (error: Error) => void } | undefined;
  private readonly opening: Promise<void>;
  private waiting:
    | { topic: string; settle: (answer: unknown, rejected: boolean) => void; fail: (error: Error) => void }
    | undefined;

  constructor(
    transport: Transport,
    { certificatePem, privateKeyPem }: Credentials,
    { clientId, answerTimeout, host }: { clientId: string; answerTimeout: number; host: Host },
  ) {
    this.answerTimeout = answerTimeout;
    this.host = host;
    this.opening = new Promise((resolve, reject) => {
      this.online = { resolve, reject };
    });
    this.opening.catch(() => {});
    this.connection = transport.connect(
      { clientId, certificatePem, privateKeyPem, sessionExpiry: 0 },
      {
        connected: () => this.online?.resolve(),
        disconnected: (reason) => this.waiting?.fail(new Error(`the line broke: ${reason}`)),
        refused: (reason) => this.online?.reject(new Error(`no connection with the claim: ${reason}`)),
        message: (topic, payload) => this.answered(topic, payload),
      },
    );
  }

  opened(): Promise<void> {
    return this.timed(this.opening, 'no connection with the claim');
  }

  /**
   * The first accepted answer that `read` can make something of; others are not for this vehicle, because
   * the topics carry no identity.
   *
   * @throws ProvisioningRefused for an answer on `<topic>/rejected`
   */
  async ask<Answer>(topic: string, request: object, read: (answer: unknown) => Answer | undefined): Promise<Answer> {
    await this.timed(this.connection.subscribe([`${topic}/accepted`, `${topic}/rejected`]), `no SUBACK for ${topic}`);
    const answer = new Promise<Answer>((resolve, reject) => {
      const settle = (value: unknown, rejected: boolean) => {
        const ours = rejected ? undefined : read(value);
        if (rejected) reject(refusal(value));
        else if (ours !== undefined) resolve(ours);
      };
      this.waiting = { topic, settle, fail: reject };
    });
    const published = this.connection.publish(topic, JSON.stringify(request));
    published.catch((error) => this.waiting?.fail(error));
    try {
      return await this.timed(answer, `no answer on ${topic}`);
    } finally {
      this.waiting = undefined;
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private answered(topic: string, payload: Uint8Array): void {
    const question = this.waiting;
    if (question === undefined || !topic.startsWith(`${question.topic}/`)) return;
    question.settle(parseJson(Buffer.from(payload).toString('utf8')), topic.endsWith('/rejected'));
  }

  private async timed<T>(promise: Promise<T>, complaint: string): Promise<T> {
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      cancel = this.host.after(this.answerTimeout, () => reject(new Error(complaint)));
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      cancel();
    }
  }
}

function refusal(answer: unknown): Error {
  const parsed = rejectionSchema.safeParse(answer);
  if (!parsed.success) return new Error('the cloud refused without a reason');
  const { statusCode, errorCode, errorMessage } = parsed.data;
  // Its own troubles pass: ask again.
  if (statusCode >= 500 || statusCode === 429) return new Error(`${errorCode}: ${errorMessage}`);
  return new ProvisioningRefused(statusCode, errorCode, errorMessage);
}
