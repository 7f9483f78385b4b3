import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { machineClock } from './crowd-scene.ts';
import { type Operation, operation } from './history.ts';
import type { Answer, Asked, Recorder } from './recorder.ts';

/** Before anything is sent. */
const invoke = z.strictObject({ line: z.literal('invoke'), operation: operation.omit({ id: true }) });
/** Once there is an answer; never, where the process was killed before. */
const answer = z.strictObject({
  line: z.literal('return'),
  of: z.int(),
  told: operation.pick({ returnedAt: true, clock: true, outcome: true, reason: true, reservation: true, seen: true }),
});
const line = z.discriminatedUnion('line', [invoke, answer]);
type Line = z.infer<typeof line>;

/** Takes down in a file what one process asks and is answered: a line that was written outlives whoever wrote it. */
export class HistoryFile implements Recorder {
  readonly #file: number;
  #operations = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  async during(asked: Asked, clock: () => number, work: () => Promise<Answer>): Promise<Answer> {
    const of = this.#operations;
    this.#operations += 1;
    const invoked = clock();
    const begun = { kind: 'operation', invokedAt: machineClock(), clock: { invoked }, outcome: 'unknown' } as const;
    this.#write({ line: 'invoke', operation: { ...begun, ...asked } });
    const told = await work();
    const ended = { returnedAt: machineClock(), clock: { invoked, returned: clock() } };
    this.#write({ line: 'return', of, told: { ...told, ...ended } });
    return told;
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(written: Line): void {
    writeSync(this.#file, `${JSON.stringify(written)}\n`);
  }
}

const chunk = Buffer.alloc(1 << 16);

/** Reads what a process wrote, while it writes and when it is dead. */
export class HistoryReader {
  readonly operations: Omit<Operation, 'id'>[] = [];
  readonly #file: number;
  #rest = Buffer.alloc(0);

  constructor(path: string) {
    this.#file = openSync(path, 'a+');
  }

  /** @returns what has been answered since the last time */
  answered(): Omit<Operation, 'id'>[] {
    const found: Omit<Operation, 'id'>[] = [];
    for (const text of this.#lines()) {
      const read = line.parse(JSON.parse(text));
      if (read.line === 'invoke') {
        this.operations.push(read.operation);
        continue;
      }
      const begun = this.operations[read.of];
      if (begun === undefined) throw new RangeError(`Nothing was asked that is the answer's ${read.of}`);
      const whole = { ...begun, ...read.told };
      this.operations[read.of] = whole;
      found.push(whole);
    }
    return found;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Whole ones: of a line in the middle of which somebody was killed, nothing was sent or nobody heard. */
  #lines(): string[] {
    for (let size = readSync(this.#file, chunk); size > 0; size = readSync(this.#file, chunk)) {
      this.#rest = Buffer.concat([this.#rest, chunk.subarray(0, size)]);
    }
    const end = this.#rest.lastIndexOf('\n') + 1;
    const whole = this.#rest.toString('utf8', 0, end);
    this.#rest = this.#rest.subarray(end);
    return whole.split('\n').slice(0, -1);
  }
}
