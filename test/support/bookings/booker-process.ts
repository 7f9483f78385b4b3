import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BookerOrder } from './booker.ts';
import type { Operation } from './history.ts';
import { HistoryReader } from './history-file.ts';

export type BookerTask = Omit<BookerOrder, 'history' | 'former'>;

/** In one file it is there in a tenth of the time, so that there is time for many lives. @returns its path */
export async function bookerProgram(directory: string): Promise<string> {
  const program = join(directory, 'booker.mjs');
  await build({
    ...{ entryPoints: [fileURLToPath(new URL('./booker.ts', import.meta.url))], outfile: program, bundle: true },
    ...({ platform: 'node', format: 'esm', target: 'node20' } as const),
    // What was written for CommonJS asks for it.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return program;
}

/** A process of bookers, and another in its place when it was killed: each life has a file of its own. */
export class BookerProcess {
  readonly #program: string;
  readonly #directory: string;
  readonly #taskOf: (life: number) => BookerTask;
  readonly #lives: HistoryReader[] = [];
  #former: string | undefined;
  #child: ChildProcess;
  #complaints = '';

  constructor(program: string, directory: string, taskOf: (life: number) => BookerTask) {
    this.#program = program;
    this.#directory = directory;
    this.#taskOf = taskOf;
    this.#child = this.#born();
  }

  /** It has asked for something. */
  get isAtWork(): boolean {
    return (this.#lives.at(-1)?.operations.length ?? 0) > 0;
  }

  /** @returns what has been answered since the last time. @throws Error where it ended by itself */
  answered(): Omit<Operation, 'id'>[] {
    if (this.#child.exitCode !== null && this.#child.exitCode !== 0) {
      throw new Error(`A booker failed: ${this.#complaints}`);
    }
    // Of the one that died since, something may be left; those before it were read to their end.
    return this.#lives.slice(-2).flatMap((life) => life.answered());
  }

  operations(): Omit<Operation, 'id'>[] {
    return this.#lives.flatMap((life) => life.operations);
  }

  /** It is not asked, and another one takes its place. */
  async dies(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
    if (this.#child.signalCode !== 'SIGKILL') throw new Error(`A booker had ended by itself: ${this.#complaints}`);
    this.#child = this.#born();
  }

  /** Finishes what it is at, and ends. */
  async goesHome(): Promise<void> {
    const gone = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    if (this.#child.exitCode === null) await gone;
    if (this.#child.exitCode !== 0) throw new Error(`A booker failed: ${this.#complaints}`);
  }

  #born(): ChildProcess {
    const task = this.#taskOf(this.#lives.length);
    const place = join(this.#directory, task.name);
    const history = `${place}.jsonl`;
    const order: BookerOrder = { ...task, history, ...(this.#former !== undefined && { former: this.#former }) };
    writeFileSync(`${place}.json`, JSON.stringify(order));
    this.#lives.push(new HistoryReader(history));
    this.#former = history;
    const child = spawn(process.execPath, [this.#program, `${place}.json`], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr?.on('data', (text: Buffer) => {
      this.#complaints += text;
    });
    return child;
  }
}
