import { createInterface } from 'node:readline/promises';
import { wrongUse } from './outcome.ts';

/** Whether somebody is there who can be asked. */
export function isSomebodyThere(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** On stderr, so that stdout has nothing but the result. @throws CommandFailure where nobody answers */
export async function answerTo(question: string): Promise<string> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  asking.once('close', () => ended.abort());
  asking.once('SIGINT', () => asking.close());
  try {
    return (await asking.question(`${question} `, { signal: ended.signal })).trim().toLowerCase();
  } catch (cause) {
    throw Object.assign(wrongUse('Nothing was done.'), { cause });
  } finally {
    asking.close();
  }
}
