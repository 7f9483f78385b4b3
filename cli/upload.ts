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
