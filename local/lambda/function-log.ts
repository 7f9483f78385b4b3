import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const rotateAtBytes = 20_000_000;

/** What a function writes, in a file of its own; the former 20 MB are kept beside it. */
export class FunctionLog {
  readonly #file: string;
  #descriptor: number | undefined;
  #bytes = 0;

  constructor(file: string) {
    this.#file = file;
  }

  write(line: string): void {
    if (this.#descriptor === undefined) this.#descriptor = this.#open();
    this.#bytes += writeSync(this.#descriptor, `${line}\n`);
    if (this.#bytes > rotateAtBytes) this.close();
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    mkdirSync(dirname(this.#file), { recursive: true });
    if (existsSync(this.#file) && statSync(this.#file).size > rotateAtBytes) {
      renameSync(this.#file, `${this.#file}.1`);
    }
    const descriptor = openSync(this.#file, 'a');
    this.#bytes = statSync(this.#file).size;
    return descriptor;
  }
}
