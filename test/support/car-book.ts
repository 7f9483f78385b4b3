import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import * as z from 'zod/mini';

const entry = z.discriminatedUnion('did', [
  z.object({ did: z.literal('opened') }),
  z.object({ did: z.literal('connected') }),
  /** `record` returned. */
  z.object({ did: z.literal('measured'), value: z.number() }),
  /** `report` returned. */
  z.object({ did: z.literal('reported'), name: z.string(), value: z.number() }),
  /** The effect of a command, which has no answer yet. */
  z.object({ did: z.literal('locked'), commandId: z.string() }),
  z.object({ did: z.literal('rotated'), certificateId: z.string() }),
  /** Everything that it had to tell was taken. */
  z.object({ did: z.literal('told-all') }),
]);
export type CarEntry = z.infer<typeof entry>;

/** What a vehicle writes down of its work: what stands here survives `kill -9`. */
export class CarBook {
  readonly #file: string;
  readonly #read: CarEntry[] = [];
  #bytes = 0;

  constructor(file: string) {
    this.#file = file;
  }

  note(written: CarEntry): void {
    appendFileSync(this.#file, `${JSON.stringify(written)}\n`);
  }

  /** So far, without a line that is being written. */
  entries(): readonly CarEntry[] {
    const fresh = existsSync(this.#file) ? readFileSync(this.#file).subarray(this.#bytes) : Buffer.alloc(0);
    const whole = fresh.subarray(0, fresh.lastIndexOf('\n') + 1);
    this.#bytes += whole.length;
    const lines = whole.toString('utf8').split('\n').slice(0, -1);
    for (const line of lines) this.#read.push(entry.parse(JSON.parse(line)));
    return this.#read;
  }
}
