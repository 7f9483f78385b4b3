import * as z from 'zod/mini';
import type { ClaimCodeRequest } from '#shared/vehicle-cloud/envelopes.ts';
import { type Cancel, type Host, type Log, reasonOf } from './host.ts';
import { parseJson } from './storage.ts';

/** What the screen shows to whoever would own the vehicle. */
export interface ShownCode {
  /** With its hyphen: `7K3M-9QWX`. */
  readonly code: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

/** There is no code to show. */
export class CodeNotShown extends Error {
  override readonly name = 'CodeNotShown';
  /** `no-answer`: the cloud was not reached, or does not let the vehicle have one; `too-often`: there were many of late. */
  readonly reason: 'no-answer' | 'too-often' | 'closed';
  /** Before then the cloud makes no other; ms since the Unix epoch. */
  readonly retryAt: number | undefined;

  constructor(reason: CodeNotShown['reason'], detail: string, retryAt?: number) {
    super(detail);
    this.reason = reason;
    this.retryAt = retryAt;
  }
}

const answerSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('code'),
    requestId: z.string(),
    revision: z.number(),
    code: z.string().check(z.minLength(1), z.maxLength(32)),
    expiresAt: z.number(),
  }),
  z.object({ kind: z.literal('used'), revision: z.number() }),
  z.object({ kind: z.literal('refused'), requestId: z.string(), reason: z.literal('too-often'), retryAt: z.number() }),
]);
type Answer = z.infer<typeof answerSchema>;

/** Milliseconds that an answer may take before the cloud is asked again, under another number. */
const patience = 5000;
const attempts = 5;

interface OwnershipParts {
  readonly publish: (payload: string) => Promise<void>;
  readonly host: Host;
  readonly log: Log;
  readonly now: () => number;
  /** Resolves once `now` is the cloud's, or that cannot be had. */
  readonly cloudTime: (anew?: boolean) => Promise<unknown>;
}

interface Waiting {
  readonly requestId: string;
  readonly end: (answer: Answer | undefined) => void;
}

/**
 * Shows the code with which a person claims the vehicle. The cloud makes it and knows it no more afterwards; a new
 * one makes the former void.
 *
 * @example
 * const { code, expiresAt } = await vehicle.ownership.showCode();
 * screen.show(code, new Date(expiresAt));
 * vehicle.ownership.onCode((shown) => (shown === undefined ? screen.clear() : screen.show(shown.code)));
 */
export class Ownership {
  private readonly parts: OwnershipParts;
  private readonly listeners: ((code: ShownCode | undefined) => void)[] = [];
  private shown: ShownCode | undefined;
  /** The newest that was heard of: what is older is void, whenever it arrives. */
  private revision = 0;
  private asking: Promise<ShownCode> | undefined;
  private waiting: Waiting | undefined;
  private forgetting: Cancel = () => {};
  private closed = false;

  constructor(parts: OwnershipParts) {
    this.parts = parts;
  }

  /** Undefined once it has expired, was used, or before one was asked for. */
  get code(): ShownCode | undefined {
    return this.shown;
  }

  /** Tells of each change of `code`. */
  onCode(listener: (code: ShownCode | undefined) => void): this {
    this.listeners.push(listener);
    return this;
  }

  /**
   * Asks the cloud for a code, again where the answer is lost; takes up to half a minute.
   *
   * @throws CodeNotShown
   */
  showCode(): Promise<ShownCode> {
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /** @internal */
  receive(payload: Uint8Array): void {
    const parsed = answerSchema.safeParse(parseJson(Buffer.from(payload).toString('utf8')));
    if (!parsed.success) {
      this.parts.log('an answer about codes that nobody understands');
      return;
    }
    const answer = parsed.data;
    if (answer.kind === 'code') this.take(answer);
    else if (answer.kind === 'used' && answer.revision >= this.revision) this.show(undefined, answer.revision);
    if (answer.kind !== 'used' && answer.requestId === this.waiting?.requestId) this.waiting.end(answer);
  }

  /** @internal */
  close(): void {
    this.closed = true;
    this.waiting?.end(undefined);
    this.forgetting();
    this.shown = undefined;
  }

  private async ask(): Promise<ShownCode> {
    // A clock that was never set would take every code for an expired one.
    await this.parts.cloudTime();
    for (let attempt = 1; attempt <= attempts && !this.closed; attempt += 1) {
      const answer = await this.askOnce();
      if (answer?.kind === 'refused') {
        throw new CodeNotShown('too-often', 'The vehicle has asked for many codes of late.', answer.retryAt);
      }
      if (answer !== undefined && this.shown !== undefined) return this.shown;
      // A code that was made a moment ago is not over: what is believed of the time is wrong.
      if (answer !== undefined) await this.parts.cloudTime(true);
    }
    if (this.closed) throw new CodeNotShown('closed', 'The vehicle was closed.');
    throw new CodeNotShown('no-answer', 'The cloud has sent no code.');
  }

  private askOnce(): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const requestId = this.parts.host.newId();
      const cancel = this.parts.host.after(patience, () => this.waiting?.end(undefined));
      this.waiting = {
        requestId,
        end: (answer) => {
          this.waiting = undefined;
          cancel();
          resolve(answer);
        },
      };
      const request: ClaimCodeRequest = { requestId };
      // Whether it arrived, the answer says.
      this.parts.publish(JSON.stringify(request)).catch((error) => this.parts.log(`no code yet: ${reasonOf(error)}`));
    });
  }

  private take({ code, expiresAt, revision }: Extract<Answer, { kind: 'code' }>): void {
    if (revision <= this.revision) return;
    // Out of a tunnel an hour later: it is not shown, but the one before is void all the same.
    this.show(expiresAt > this.parts.now() ? { code, expiresAt } : undefined, revision);
  }

  private show(shown: ShownCode | undefined, revision: number): void {
    this.revision = revision;
    this.forgetting();
    if (shown === undefined && this.shown === undefined) return;
    this.shown = shown;
    if (shown !== undefined) {
      this.forgetting = this.parts.host.after(shown.expiresAt - this.parts.now(), () => this.show(undefined, revision));
    }
    for (const listener of this.listeners) {
      try {
        listener(shown);
      } catch (error) {
        this.parts.log(`a listener to codes: ${reasonOf(error)}`);
      }
    }
  }
}
