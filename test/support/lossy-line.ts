import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback } from '#local/loopback.ts';

/** `answer`: it is done, and nobody hears of it. `question`: it never arrives. */
export type Loss = 'answer' | 'question';

/** A line to whoever keeps to TOMP, on which something is lost now and then, by the name of the process. */
export class LossyLine {
  readonly #to: string;
  readonly #losses: { readonly process: string; readonly what: Loss }[] = [];
  readonly #server = createServer((request, response) => void this.#carry(request, response));
  #url = '';

  private constructor(to: string) {
    this.#to = to;
  }

  /** @param to a base address, without a slash at its end */
  static async open(to: string): Promise<LossyLine> {
    const line = new LossyLine(to);
    line.#url = `http://127.0.0.1:${await listenOnLoopback(line.#server, 0)}`;
    return line;
  }

  get url(): string {
    return this.#url;
  }

  /** The next time. */
  loses(process: string, what: Loss): void {
    this.#losses.push({ process, what });
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #carry(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', method = 'GET' } = request;
    const process = url.split('/')[2] ?? '';
    const place = this.#losses.findIndex((one) => one.process === process);
    const [loss] = place === -1 ? [] : this.#losses.splice(place, 1);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    if (loss?.what === 'question') return void request.socket.destroy();
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const sent = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const body = method === 'GET' ? {} : { body: Buffer.concat(chunks) };
    try {
      const answer = await fetch(`${this.#to}${url}`, { method, headers: sent, ...body });
      const text = await answer.text();
      if (loss !== undefined) return void request.socket.destroy();
      const retryAfter = answer.headers.get('retry-after');
      response.writeHead(answer.status, {
        'content-type': answer.headers.get('content-type') ?? 'application/json',
        ...(retryAfter !== null && { 'retry-after': retryAfter }),
      });
      response.end(text);
    } catch {
      request.socket.destroy();
    }
  }
}
