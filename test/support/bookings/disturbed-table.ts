import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';

/** How often, 0 … 1, of all calls to the table. */
export interface Disturbances {
  /** Cancelled, since another transaction has one of the items: no emulator ever says so. */
  readonly conflict: number;
  /** Carried out, and its answer lost. */
  readonly lost: number;
  /** Carried out twice, as the SDK repeats a call whose answer was lost; the second answer counts. */
  readonly repeated: number;
  /** Long on its way, so that others who ask later come first; waited for all the same. */
  readonly slow: number;
  /** Given up, and carried out afterwards. */
  readonly late: number;
  /** Given up, and never carried out. */
  readonly dropped: number;
  /** The process ends, before the call or after it. */
  readonly killed: number;
}

export const noDisturbances: Disturbances = {
  ...{ conflict: 0, lost: 0, repeated: 0 },
  ...{ slow: 0, late: 0, dropped: 0, killed: 0 },
};
/** ms that a call is on its way at the most: a few operations of others. */
const longestWay = 20;

/** Calls that were given up and are still on their way. */
export type UnderWay = Set<Promise<unknown>>;

/** The table as one process sees it. Once it is killed, no call of it ever returns. */
export class DisturbedTable {
  readonly client: DynamoDBDocumentClient;
  readonly #inner: DynamoDBClient;
  readonly #odds: Disturbances;
  readonly #random: () => number;
  readonly #underWay: UnderWay;
  #die: () => void = () => {};
  #isDead = false;
  #lives = 1;
  /** Calls that were carried out twice: who is refused by the second may have been served by the first. */
  repetitions = 0;
  /** Settles when the process is killed. */
  death: Promise<void>;

  constructor(
    { config: { region, endpoint, credentials } }: DynamoDBClient,
    odds: Disturbances,
    random: () => number,
    underWay: UnderWay,
  ) {
    const place = { region, credentials, ...(endpoint !== undefined && { endpoint }) };
    this.#inner = new DynamoDBClient({ ...place, maxAttempts: 1, signer: unsigned });
    this.#odds = odds;
    this.#random = random;
    this.#underWay = underWay;
    this.death = this.#born();
    this.#inner.middlewareStack.add(
      (next, context) => (call) => this.#disturbed(() => next(call), context['commandName'] ?? ''),
      { step: 'build', name: 'disturbed' },
    );
    this.client = documentClient(this.#inner);
  }

  /** Another process in its place. */
  reborn(): void {
    this.#isDead = false;
    this.death = this.#born();
  }

  close(): void {
    this.#inner.destroy();
  }

  #born(): Promise<void> {
    return new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  async #disturbed<T>(call: () => Promise<T>, name: string): Promise<T> {
    if (this.#isDead) return never();
    const life = this.#lives;
    try {
      return await this.#tried(call, name);
    } finally {
      // Whoever waited for it died with another call.
      if (life !== this.#lives) await never();
    }
  }

  async #tried<T>(call: () => Promise<T>, name: string): Promise<T> {
    const odds = this.#odds;
    let dice = this.#random();
    const falls = (chance: number) => {
      const isHit = dice < chance;
      dice -= chance;
      return isHit;
    };
    if (falls(odds.conflict) && name.startsWith('TransactWrite')) throw conflict();
    if (falls(odds.lost)) {
      await call().catch(() => {});
      throw timeOut();
    }
    if (falls(odds.repeated)) {
      this.repetitions += 1;
      await call().catch(() => {});
    } else if (falls(odds.slow)) await pause(this.#random() * longestWay);
    else if (falls(odds.late)) {
      this.#send(pause(this.#random() * longestWay).then(call));
      throw timeOut();
    } else if (falls(odds.dropped)) throw timeOut();
    else if (falls(odds.killed)) {
      this.#isDead = true;
      this.#lives += 1;
      if (this.#random() < 0.5) this.#send(call());
      this.#die();
      return never();
    }
    return call();
  }

  #send(call: Promise<unknown>): void {
    const sent = call.catch(() => {}).finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
  }
}

/** Engines look at a signature's form alone, and making one takes a fifth of a call's time. */
const unsigned = {
  async sign<T>(request: T): Promise<T> {
    if (!hasHeaders(request)) throw new TypeError('A request has headers');
    request.headers['authorization'] =
      'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';
    request.headers['x-amz-date'] = '20260101T000000Z';
    return request;
  },
};

function hasHeaders(request: unknown): request is { readonly headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}

function timeOut(): Error {
  return Object.assign(new Error('The table did not answer in time.'), { name: 'TimeoutError' });
}

function conflict(): TransactionCanceledException {
  return new TransactionCanceledException({
    ...{ message: 'Transaction cancelled [TransactionConflict, None]', $metadata: {} },
    CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
  });
}
