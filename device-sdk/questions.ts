import * as z from 'zod/mini';
import type { Host } from './host.ts';
import { parseJson } from './storage.ts';
import type { Connection } from './transport.ts';

/** The cloud understood the request and said no. */
export class ProvisioningRefused extends Error {
  override readonly name = 'ProvisioningRefused';
  readonly statusCode: number;
  /** The cloud's own name of the reason: `AccessDenied`, `InvalidCertificateOwnershipToken` on AWS, `400209` on Azure … */
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

/** What a question goes over: a connection of its own, or the vehicle's line. */
export type Wire = Pick<Connection, 'publish' | 'subscribe'>;

/**
 * Questions that are answered on `<topic>/accepted` or `/rejected`. There is one at a time, because the answers
 * carry no token.
 */
export class Questions {
  private readonly wire: Wire;
  private readonly answerTimeout: number;
  private readonly host: Host;
  private waiting:
    | { topic: string; settle: (answer: unknown, rejected: boolean) => void; fail: (error: Error) => void }
    | undefined;

  /** @param answerTimeout ms */
  constructor(wire: Wire, answerTimeout: number, host: Host) {
    this.wire = wire;
    this.answerTimeout = answerTimeout;
    this.host = host;
  }

  /**
   * The first accepted answer that `read` can make something of; others are not for this vehicle, because
   * the topics carry no identity.
   *
   * @throws ProvisioningRefused for an answer on `<topic>/rejected`
   */
  async ask<Answer>(topic: string, request: object, read: (answer: unknown) => Answer | undefined): Promise<Answer> {
    await this.timed(this.wire.subscribe([`${topic}/accepted`, `${topic}/rejected`]), `no SUBACK for ${topic}`);
    const answer = new Promise<Answer>((resolve, reject) => {
      const settle = (value: unknown, rejected: boolean) => {
        const ours = rejected ? undefined : read(value);
        if (rejected) reject(refusal(value));
        else if (ours !== undefined) resolve(ours);
      };
      this.waiting = { topic, settle, fail: reject };
    });
    const published = this.wire.publish(topic, JSON.stringify(request));
    published.catch((error) => this.fail(error));
    try {
      return await this.timed(answer, `no answer on ${topic}`);
    } finally {
      this.waiting = undefined;
    }
  }

  /** Takes a message; false when it answers no question of these. */
  receive(topic: string, payload: Uint8Array): boolean {
    const question = this.waiting;
    if (question === undefined || !topic.startsWith(`${question.topic}/`)) return false;
    question.settle(parseJson(Buffer.from(payload).toString('utf8')), topic.endsWith('/rejected'));
    return true;
  }

  /** No answer will come any more. */
  fail(error: Error): void {
    this.waiting?.fail(error);
  }

  /** @throws Error with the complaint, after the time for an answer */
  async timed<T>(promise: Promise<T>, complaint: string): Promise<T> {
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
