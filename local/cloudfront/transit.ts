import type { Fate } from '#local/faults/faults.ts';
import { BrokenOff } from '#local/faults/faults.ts';

type Bytes = AsyncIterable<Buffer> | Iterable<Buffer>;

/** The bytes of an answer as they arrive: whole, or broken off, silent or damaged in their midst. */
export async function* disturbed(bytes: Bytes, length: number, fate: Fate): AsyncGenerator<Buffer> {
  const middle = Math.floor(length / 2);
  const stopsThere = fate.kind === 'cut' || fate.kind === 'hang';
  let at = 0;
  for await (const chunk of bytes) {
    const here = middle - at;
    at += chunk.length;
    if (stopsThere && at > middle) {
      yield chunk.subarray(0, here);
      if (fate.kind === 'hang') await new Promise(() => {}); // until the reader has had enough
      throw new BrokenOff('cut');
    }
    yield fate.kind === 'corrupt' && here >= 0 && here < chunk.length ? damaged(chunk, here) : chunk;
  }
}

function damaged(chunk: Buffer, at: number): Buffer {
  const copy = Buffer.from(chunk);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}
