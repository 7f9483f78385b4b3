import { createReadStream } from 'node:fs';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { CommandFailure, exitCodes } from './outcome.ts';
import type { LocalFile } from './release-file.ts';

export interface UploadAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Files that are there already are not brought again: whoever interrupts it loses those that are on their way. */
export async function interruptible<Result>(work: () => Promise<Result>): Promise<Result> {
  let interrupt = () => {};
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () =>
      reject(new CommandFailure(exitCodes.interrupted, 'Interrupted; the same command goes on where it was.'));
  });
  process.once('SIGINT', interrupt);
  try {
    return await Promise.race([work(), interrupted]);
  } finally {
    process.off('SIGINT', interrupt);
  }
}

/** One PUT, streamed; the storage compares the checksum in the headers. @param sent hears how many bytes went out */
export function put(local: LocalFile, { url, headers }: UploadAddress, sent: (bytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? overHttps : overHttp;
    const outgoing = send(url, { method: 'PUT', headers: { ...headers, 'content-length': local.length } });
    const fail = (error: Error) => reject(new CommandFailure(exitCodes.fault, `${local.file}: ${error.message}`));
    outgoing.on('error', fail);
    outgoing.on('response', (answer) => {
      text(answer).then((body) => {
        if (answer.statusCode === 200) return resolve();
        const code = /<Code>(\w+)<\/Code>/.exec(body)?.[1] ?? '';
        const message = `The storage refuses ${local.file}: ${answer.statusCode} ${code}`;
        reject(new CommandFailure(exitCodes.refused, message, { status: answer.statusCode, code }));
      }, fail);
    });
    createReadStream(local.file)
      .on('data', (chunk) => sent(chunk.length))
      .on('error', fail)
      .pipe(outgoing);
  });
}
