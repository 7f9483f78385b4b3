import { Worker } from 'node:worker_threads';
import type { InvocationResult } from './invoker.ts';
import type { WorkerCall, WorkerReport, WorkerStart } from './worker-messages.ts';

/** Lambda's limit for a synchronous answer: 6 MB with some room for the envelope. */
const maximumAnswerBytes = 6_291_556;
/** Lambda gives a function ten seconds to load. */
const loadingMilliseconds = 10_000;

export interface FunctionWorkerOptions {
  readonly program: string;
  readonly start: WorkerStart;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly onLine: (line: string) => void;
  /** The worker is gone, for whatever reason. */
  readonly onGone: () => void;
}

type Failed = Extract<InvocationResult, { kind: 'failed' }>;

/** One thread that runs one function, one event at a time. */
export class FunctionWorker {
  readonly #worker: Worker;
  readonly #options: FunctionWorkerOptions;
  readonly #loaded: Promise<Failed | undefined>;
  #settleLoading: (failure?: Failed) => void = () => {};
  #settle: ((result: InvocationResult) => void) | undefined;
  #requestId = '';
  #lastWords: Failed | undefined;
  #gone = false;

  constructor(options: FunctionWorkerOptions) {
    this.#options = options;
    this.#loaded = new Promise((resolve) => {
      this.#settleLoading = resolve;
    });
    this.#worker = new Worker(options.program, {
      workerData: options.start,
      env: options.environment,
      argv: [],
      execArgv: [],
      stdin: false,
      stdout: true,
      stderr: true,
      // A small young generation saves 4 MB a worker and costs no time that could be measured.
      resourceLimits: { maxOldGenerationSizeMb: options.start.memoryMegabytes, maxYoungGenerationSizeMb: 4 },
    });
    this.#listen();
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Undefined when the function was loaded, else why not. */
  loading(): Promise<Failed | undefined> {
    return this.#loaded;
  }

  /** Never rejects: whatever happens to the thread becomes a result. */
  async run(call: Omit<WorkerCall, 'deadline'>): Promise<InvocationResult> {
    this.#requestId = call.requestId;
    const failure = await this.#loaded;
    if (failure !== undefined) return failure;
    const { timeoutSeconds } = this.#options;
    return new Promise((resolve) => {
      // Real time, not the local clock: the code in the worker runs in real time, too.
      const alarm = setTimeout(() => {
        this.#die(this.#failed('Sandbox.Timedout', `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`));
      }, timeoutSeconds * 1000);
      this.#settle = (result) => {
        clearTimeout(alarm);
        this.#settle = undefined;
        resolve(result);
      };
      if (this.#gone) this.#settle(this.#lastWords ?? this.#exited('Runtime exited without providing a reason'));
      else this.#worker.postMessage({ ...call, deadline: Date.now() + timeoutSeconds * 1000 } satisfies WorkerCall);
    });
  }

  async stop(): Promise<void> {
    this.#gone = true;
    await this.#worker.terminate();
  }

  #listen(): void {
    const worker = this.#worker;
    const alarm = setTimeout(() => {
      this.#die(this.#failed('Sandbox.Timedout', 'Task timed out after 10.00 seconds (while it was loaded)'));
    }, loadingMilliseconds);
    worker.on('message', (report: WorkerReport) => {
      if (report.kind === 'loaded') clearTimeout(alarm);
      this.#hear(report);
    });
    worker.on('error', (error) => {
      const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.#die(this.#exited(outOfMemory ? 'Runtime exited with error: signal: killed' : error.message));
    });
    worker.on('exit', (code) => {
      clearTimeout(alarm);
      this.#die(
        this.#exited(
          code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`,
        ),
      );
    });
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding('utf8');
      let rest = '';
      stream.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.#options.onLine(line);
      });
      stream.on('end', () => {
        if (rest !== '') this.#options.onLine(rest);
      });
    }
  }

  #hear(report: WorkerReport): void {
    switch (report.kind) {
      case 'loaded':
        this.#settleLoading();
        return;
      case 'answer':
        this.#settle?.(this.#answered(report.payload));
        return;
      case 'failure': {
        const { errorType, errorMessage, trace } = report;
        if (report.fatal) {
          this.#options.onLine(trace.join('\r'));
          this.#die({ kind: 'failed', errorType, errorMessage });
        } else this.#settle?.({ kind: 'failed', errorType, errorMessage });
        return;
      }
    }
  }

  #answered(payload: string): InvocationResult {
    const bytes = Buffer.byteLength(payload);
    if (bytes <= maximumAnswerBytes) return { kind: 'answered', payload: JSON.parse(payload) };
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${maximumAnswerBytes} bytes).`;
    return { kind: 'failed', errorType: 'Function.ResponseSizeTooLarge', errorMessage };
  }

  #failed(errorType: string, reason: string): Failed {
    return { kind: 'failed', errorType, errorMessage: `RequestId: ${this.#requestId} Error: ${reason}` };
  }

  #exited(reason: string): Failed {
    return this.#failed('Runtime.ExitError', reason);
  }

  #die(failure: Failed): void {
    if (!this.#gone) {
      this.#gone = true;
      this.#lastWords = failure;
      this.#options.onLine(`${failure.errorType}: ${failure.errorMessage}`);
      void this.#worker.terminate();
      this.#options.onGone();
    }
    this.#settleLoading(this.#lastWords ?? failure);
    this.#settle?.(this.#lastWords ?? failure);
  }
}
