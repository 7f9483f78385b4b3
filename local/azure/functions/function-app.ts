import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { MovableClock } from '#local/clock.ts';
import { workerProgram } from '#local/lambda/worker-program.ts';
import type { AppAnswer, AppCall, AppClock, AppInput, AppReport, RegisteredFunction } from './app-messages.ts';

const program = fileURLToPath(new URL('./app-worker.ts', import.meta.url));
/** `functionTimeout` of the app's host.json. */
const longestRun = 600_000;

export interface FunctionAppOptions {
  /** What would be deployed. */
  readonly directory: string;
  readonly stateDirectory: string;
  /** The app settings, and nothing of this machine's. */
  readonly settings: () => Readonly<Record<string, string>>;
  readonly clock: Pick<MovableClock, 'ahead' | 'whenMoved'>;
  readonly log: (line: string) => void;
}

interface Running {
  readonly worker: Worker;
  readonly functions: readonly RegisteredFunction[];
}

interface Waiting {
  readonly resolve: (answer: AppAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** The bundled app in a thread of its own, which is there from the first call on, and again after it has died. */
export class FunctionApp {
  readonly #options: FunctionAppOptions;
  readonly #waiting = new Map<string, Waiting>();
  #running: Promise<Running> | undefined;
  #closed = false;

  constructor(options: FunctionAppOptions) {
    this.#options = options;
  }

  async describe(functionName: string): Promise<RegisteredFunction> {
    const { functions } = await this.#started();
    const found = functions.find(({ name }) => name === functionName);
    if (found === undefined) throw new Error(`The app has no function ${functionName}`);
    return found;
  }

  /** @throws Error where the function did, or the thread is gone */
  async call(functionName: string, input: AppInput): Promise<AppAnswer> {
    const { worker } = await this.#started();
    const invocationId = randomUUID();
    const { ahead } = this.#options.clock;
    const answer = new Promise<AppAnswer>((resolve, reject) => this.#waiting.set(invocationId, { resolve, reject }));
    const alarm = setTimeout(() => this.#settle(invocationId, new Error('Timeout value was exceeded')), longestRun);
    alarm.unref();
    worker.postMessage({ invocationId, functionName, ahead, input } satisfies AppCall);
    return answer.finally(() => clearTimeout(alarm));
  }

  async close(): Promise<void> {
    this.#closed = true;
    const running = await this.#running?.catch(() => undefined);
    await running?.worker.terminate();
    this.#over(new Error('The host is shutting down'));
  }

  #started(): Promise<Running> {
    if (this.#closed) return Promise.reject(new Error('The host is shutting down'));
    this.#running ??= this.#start();
    return this.#running;
  }

  async #start(): Promise<Running> {
    const { directory, stateDirectory, settings, clock, log } = this.#options;
    const worker = new Worker(await workerProgram(stateDirectory, program), {
      workerData: { directory },
      env: settings(),
      execArgv: [],
      stdin: false,
    });
    const unwatched = clock.whenMoved((ahead) => worker.postMessage({ ahead } satisfies AppClock));
    return new Promise<Running>((resolve, reject) => {
      const gone = (reason: Error) => {
        unwatched();
        this.#running = undefined;
        reject(reason);
        this.#over(reason);
      };
      worker.on('error', gone);
      worker.on('exit', (code) => gone(new Error(`The app exited with ${code}`)));
      worker.on('message', (report: AppReport) => {
        if (report.kind === 'loaded') resolve({ worker, functions: report.functions });
        else if (report.kind === 'log') log(`function app: ${report.level}: ${report.message}`);
        else this.#settle(report.invocationId, report.kind === 'answer' ? report.answer : new Error(report.message));
      });
    });
  }

  #settle(invocationId: string, outcome: AppAnswer | Error): void {
    const waiting = this.#waiting.get(invocationId);
    this.#waiting.delete(invocationId);
    if (outcome instanceof Error) waiting?.reject(outcome);
    else waiting?.resolve(outcome);
  }

  #over(reason: Error): void {
    for (const invocationId of [...this.#waiting.keys()]) this.#settle(invocationId, reason);
  }
}
