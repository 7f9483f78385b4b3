import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const rotateAtBytes = 20_000_000;

/** Lines in a file; the former 20 MB are kept beside it. For its owner's eyes alone. */
export class LogFile {
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
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    if (existsSync(this.#file) && statSync(this.#file).size > rotateAtBytes) {
      renameSync(this.#file, `${this.#file}.1`);
    }
    const descriptor = openSync(this.#file, 'a', 0o600);
    this.#bytes = statSync(this.#file).size;
    return descriptor;
  }
}
