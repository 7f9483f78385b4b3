import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DownloadGrant } from '#shared/vehicle-cloud/update-envelopes.ts';
import { afterThisTest } from '../../support/tidying.ts';

/** What happens to one request; undefined: it is answered as it should be. */
export type Mishap =
  | { readonly status: number; readonly headers?: Record<string, string> }
  /** The line breaks after so many bytes. */
  | { readonly cutAfter: number }
  /** One byte of the answer is another. */
  | { readonly wrongByteAt: number }
  /** It goes on and on. */
  | { readonly endless: true }
  /** A byte now and then. */
  | { readonly everyMs: number };

/** A place for files that answers ranges, as a content network does, and has its bad days. */
export class FileServer {
  readonly files = new Map<string, Uint8Array>();
  readonly asked: { path: string; range: string | undefined; query: string; noCache: boolean }[] = [];
  /** Bytes of files that went out, also those that nobody took. */
  sent = 0;
  mishap: (request: number, path: string) => Mishap | undefined = () => undefined;
  private baseUrl = '';

  static async open(): Promise<FileServer> {
    const files = new FileServer();
    const server = createServer((request, response) => void files.answer(request, response));
    afterThisTest(() => {
      server.closeAllConnections();
      server.close();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    files.baseUrl = `http://127.0.0.1:${portOf(server.address())}/`;
    return files;
  }

  grant(query = ''): DownloadGrant {
    return { baseUrl: this.baseUrl, query, expiresAt: Date.now() + 3_600_000 };
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '', this.baseUrl);
    const path = pathname.slice(1);
    const { range } = request.headers;
    const noCache = request.headers['cache-control'] === 'no-cache';
    this.asked.push({ path, range, query: search.slice(1), noCache });
    const mishap: Mishap | { readonly fine: true } = this.mishap(this.asked.length, path) ?? { fine: true };
    const file = this.files.get(path);
    if ('status' in mishap || file === undefined) {
      if ('status' in mishap) response.writeHead(mishap.status, mishap.headers).end();
      else response.writeHead(404).end();
      return;
    }
    const etag = `"${createHash('md5').update(file).digest('hex')}"`;
    const ifRange = request.headers['if-range'];
    const from = range === undefined || (ifRange !== undefined && ifRange !== etag) ? 0 : startOf(range);
    const isPart = from > 0;
    response.writeHead(isPart ? 206 : 200, {
      etag,
      ...('endless' in mishap ? {} : { 'content-length': file.length - from }),
      ...(isPart && { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` }),
    });
    await this.send(file.subarray(from), response, mishap);
  }

  private async send(
    bytes: Uint8Array,
    response: ServerResponse,
    mishap: Mishap | { readonly fine: true },
  ): Promise<void> {
    const content = 'wrongByteAt' in mishap ? Uint8Array.from(bytes) : bytes;
    if ('wrongByteAt' in mishap) content[mishap.wrongByteAt] = 255 - (content[mishap.wrongByteAt] ?? 0);
    const end = 'cutAfter' in mishap ? Math.min(mishap.cutAfter, content.length) : content.length;
    const step = 'everyMs' in mishap ? 1 : 65_536;
    for (let at = 0; at < end && !response.destroyed; at += step) {
      const part = content.subarray(at, Math.min(at + step, end));
      this.sent += part.length;
      await taken(response, part);
      if ('everyMs' in mishap) await new Promise((resolve) => setTimeout(resolve, mishap.everyMs));
    }
    while ('endless' in mishap && !response.destroyed) await taken(response, new Uint8Array(65_536));
    if ('cutAfter' in mishap) response.destroy();
    else response.end();
  }
}

function taken(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('close', done);
      resolve();
    };
    response.once('close', done);
    response.write(bytes, done);
  });
}

function startOf(range: string): number {
  return Number(/^bytes=(\d+)-/.exec(range)?.[1] ?? 0);
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
