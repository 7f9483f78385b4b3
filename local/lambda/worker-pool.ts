import type { Cancel, LocalClock } from '#local/clock.ts';
import type { FunctionWorker } from './function-worker.ts';
import type { InvocationResult } from './invoker.ts';
import type { RestingWorkers } from './resting-workers.ts';
import type { WorkerCall } from './worker-messages.ts';

export type Call = Omit<WorkerCall, 'deadline'>;

export interface WorkerPoolOptions {
  /** By which workers that nobody needs retire. */
  readonly clock: LocalClock;
  /** Lambda's reserved concurrency; without it the pool grows as far as this machine should. */
  readonly reservedConcurrency: number | undefined;
  /** Of all functions. */
  readonly resting: RestingWorkers;
  start(onGone: () => void): FunctionWorker;
}

interface Waiting {
  readonly call: Call;
  readonly resolve: (result: InvocationResult) => void;
  readonly since: number;
  readonly ran: Ran;
}

/** How long the function ran, and how long the event had waited for a worker, in ms. */
export type Ran = (milliseconds: number, waited: number) => void;

const comfortable = 4;
const utmost = 32;
const retireAfter = 20_000;
const retireLastAfter = 300_000;

/**
 * The execution environments of one function: one event at a time each, several at once, warm ones kept.
 * AWS starts another whenever all are busy; here an event waits a moment for a warm worker first, because
 * they share one machine. Above four the patience is longer: functions that hold a request for seconds
 * still get a fifth, quick ones do not.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #all = new Set<FunctionWorker>();
  /** Free ones, the last used at the end, with the timer that retires them. */
  readonly #idle: { readonly worker: FunctionWorker; readonly cancel: Cancel }[] = [];
  readonly #waiting: Waiting[] = [];
  #loading = 0;
  #running = 0;
  #growth: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Whether Lambda would throttle one more event now. */
  get exhausted(): boolean {
    const reserved = this.#options.reservedConcurrency;
    return reserved !== undefined && this.#running >= reserved;
  }

  get size(): number {
    return this.#all.size;
  }

  async run(call: Call, ran?: Ran): Promise<InvocationResult> {
    this.#running += 1;
    // Who frees a worker for this event runs on behalf of another one: what is to be told of it is told here.
    let times: readonly [number, number] | undefined;
    const took: Ran = (...measured) => {
      times = measured;
    };
    try {
      return await new Promise<InvocationResult>((resolve) => {
        this.#waiting.push({ call, resolve, since: performance.now(), ran: took });
        this.#dispatch();
      });
    } finally {
      this.#running -= 1;
      if (times !== undefined) ran?.(...times);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#growth);
    for (const { cancel } of this.#idle.splice(0)) cancel();
    for (const { resolve } of this.#waiting.splice(0)) resolve(stopped);
    await Promise.all([...this.#all].map((worker) => worker.stop()));
    this.#all.clear();
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const free = this.#idle.pop();
      if (free === undefined) break;
      free.cancel();
      const next = this.#waiting.shift();
      if (next !== undefined) void this.#serve(free.worker, next);
    }
    this.#growWhenNeeded();
  }

  async #serve(worker: FunctionWorker, { call, resolve, since, ran }: Waiting): Promise<void> {
    const begun = performance.now();
    const result = await worker.run(call);
    ran(performance.now() - begun, begun - since);
    resolve(result);
    this.#free(worker);
  }

  #free(worker: FunctionWorker): void {
    if (worker.gone || this.#closed) return;
    this.#idle.push({ worker, cancel: this.#options.clock.after(retireAfter, () => this.#retire(worker)) });
    this.#dispatch();
  }

  #retire(worker: FunctionWorker): void {
    const place = this.#idle.findIndex((entry) => entry.worker === worker);
    if (place < 0) return;
    this.#idle.splice(place, 1);
    if (this.#all.size > 1) {
      void this.#stop(worker);
      return;
    }
    const stop = () => {
      const still = this.#idle.findIndex((entry) => entry.worker === worker);
      if (still < 0) return;
      this.#idle.splice(still, 1)[0]?.cancel();
      void this.#stop(worker);
    };
    const cancelTimer = this.#options.clock.after(retireLastAfter - retireAfter, stop);
    let leave = () => {};
    const cancel = () => {
      cancelTimer();
      leave();
    };
    this.#idle.unshift({ worker, cancel });
    leave = this.#options.resting.rest(stop);
  }

  async #stop(worker: FunctionWorker): Promise<void> {
    this.#all.delete(worker);
    await worker.stop();
  }

  #growWhenNeeded(): void {
    const limit = Math.min(this.#options.reservedConcurrency ?? utmost, utmost);
    const needed = this.#waiting.length > 0 && this.#loading === 0 && this.#all.size < limit;
    if (!needed || this.#closed || this.#growth !== undefined) return;
    const patience = this.#all.size === 0 ? 0 : this.#all.size < comfortable ? 20 : 500;
    if (patience === 0) {
      void this.#grow();
      return;
    }
    this.#growth = setTimeout(() => {
      this.#growth = undefined;
      if (this.#waiting.length > 0) void this.#grow();
    }, patience);
  }

  async #grow(): Promise<void> {
    this.#loading += 1;
    const failure = await this.#load();
    this.#loading -= 1;
    if (failure !== undefined) this.#waiting.shift()?.resolve(failure);
    this.#growWhenNeeded();
  }

  async #load(): Promise<InvocationResult | undefined> {
    try {
      const worker = this.#options.start(() => {
        this.#all.delete(worker);
        const place = this.#idle.findIndex((entry) => entry.worker === worker);
        if (place >= 0) this.#idle.splice(place, 1)[0]?.cancel();
        this.#growWhenNeeded();
      });
      this.#all.add(worker);
      const failure = await worker.loading();
      if (failure === undefined) this.#free(worker);
      return failure;
    } catch (error) {
      return { kind: 'failed', errorType: 'Runtime.StartError', errorMessage: String(error) };
    }
  }
}

const stopped: InvocationResult = {
  kind: 'failed',
  errorType: 'Runtime.ExitError',
  errorMessage: 'The local cloud stops.',
};
