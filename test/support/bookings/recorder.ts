import type { CarSeen, Entry, History, HistoryHead, Operation, PersonSeen } from './history.ts';

export type Asked = Omit<
  Operation,
  'kind' | 'id' | 'invokedAt' | 'returnedAt' | 'clock' | 'outcome' | 'reason' | 'seen'
>;

/** What a client was answered. `lost`: it was not, and does not know what became of it. */
export type Answer =
  | { readonly outcome: 'done'; readonly reservation?: string; readonly seen?: readonly (CarSeen | PersonSeen)[] }
  | { readonly outcome: 'refused'; readonly reason: string; readonly seen?: readonly (CarSeen | PersonSeen)[] }
  | { readonly outcome: 'unknown' };

/** Takes down what is asked and answered. */
export interface Recorder {
  /**
   * @param clock of whoever decides, with its error
   * @param work never throws: what it does not know it answers as `unknown`
   */
  during(asked: Asked, clock: () => number, work: () => Promise<Answer>): Promise<Answer>;
}

/** Takes down what many clients ask and are answered. A client that dies in the middle leaves an operation without end. */
export class HistoryRecorder implements Recorder {
  readonly #head: HistoryHead;
  readonly #operations: Operation[] = [];
  readonly #entries: Entry[] = [];
  readonly #monotonic: () => number;

  /** @param monotonic one clock for all clients; in one process, the default */
  constructor(head: Omit<HistoryHead, 'kind' | 'format'>, monotonic = () => performance.now()) {
    this.#head = { kind: 'history', format: 1, ...head };
    this.#monotonic = monotonic;
  }

  async during(asked: Asked, clock: () => number, work: () => Promise<Answer>): Promise<Answer> {
    const place = this.#operations.length;
    const begun: Operation = {
      ...{ kind: 'operation', id: place, ...asked },
      ...{ invokedAt: this.#monotonic(), clock: { invoked: clock() }, outcome: 'unknown' },
    };
    this.#operations.push(begun);
    const answer = await work();
    // First when it ended, then the clocks: whatever anybody's clock said by then is not later than this.
    const returnedAt = this.#monotonic();
    const ended = { clock: { invoked: begun.clock?.invoked ?? 0, returned: clock() }, returnedAt };
    this.#operations[place] = { ...begun, ...answer, ...ended };
    return answer;
  }

  /** What somebody sees who asks nothing: a stream's image, of a write that was before now. */
  saw(client: string, seen: readonly (CarSeen | PersonSeen)[]): void {
    const now = this.#monotonic();
    const by = { kind: 'operation', id: this.#operations.length, client, operation: 'read', outcome: 'done' } as const;
    this.#operations.push({
      ...by,
      invokedAt: now,
      returnedAt: now,
      seen: seen.map((one) => ({ ...one, stale: true })),
    });
  }

  entry(entry: Omit<Entry, 'kind'>): void {
    this.#entries.push({ kind: 'entry', ...entry });
  }

  history(): History {
    return { head: this.#head, operations: [...this.#operations], entries: [...this.#entries] };
  }
}
