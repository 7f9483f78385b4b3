import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { listenOnLoopback } from '#local/loopback.ts';
import { type Answer, landing, refusal } from './reference-answers.ts';
import { ReferenceBookings } from './reference-bookings.ts';
import { gbfsDocument, type ReferenceAsset, referenceAssets } from './reference-gbfs.ts';

/**
 * `cut`: it is done, and the answer never comes. `deaf`: it is not done, and nobody answers. `later`: it is refused, and
 * possible in a moment.
 */
export type PartnerFault = 'cut' | 'deaf' | 'hang' | 'error' | 'refuse' | 'later';

export interface Asked {
  readonly process: string;
  readonly reference: string | undefined;
  readonly status: number | 'nothing';
  /** As it came. */
  readonly body: string;
}

/** What a file is instead of what it should be. */
export type FileFault = (document: string) => {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
};

/**
 * A partner of bikes and scooters on a socket of its own: GBFS 3.0 and TOMP 2.0 as far as they are needed, with faults by
 * name of the process or of the file. It keeps its own books, by which alone it is judged.
 */
export class ReferencePartner {
  token = 'partner-token-of-a-test';
  /** Of another reseller, whom it knows as well. */
  readonly otherToken = 'other-token-of-a-test';
  readonly assets: Map<string, ReferenceAsset>;
  readonly bookings: ReferenceBookings;
  readonly asked: Asked[] = [];
  readonly fetched: { readonly file: string; readonly status: number }[] = [];
  readonly faults: { process: string; fault: PartnerFault; times: number }[] = [];
  readonly files = new Map<string, FileFault>();
  /** What it says instead of what is so, of a process. */
  readonly says = new Map<string, FileFault>();
  /** ms, of its own clock. */
  now = () => Date.now();
  lastUpdated: () => number = () => this.now();
  ttl = 30;
  #url = '';
  readonly #answers = new Map<string, Answer>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  private constructor(assets: readonly ReferenceAsset[]) {
    this.assets = new Map(assets.map((asset) => [asset.assetId, asset]));
    this.bookings = new ReferenceBookings(this.assets, () => this.now());
  }

  static async open(assets = referenceAssets()): Promise<ReferencePartner> {
    const partner = new ReferencePartner(assets);
    const port = await listenOnLoopback(partner.#server, 0);
    partner.#url = `http://127.0.0.1:${port}`;
    return partner;
  }

  get gbfsUrl(): string {
    return `${this.#url}/gbfs/gbfs`;
  }

  get tompUrl(): string {
    return `${this.#url}/tomp`;
  }

  /** The next so many times. */
  fails(process: string, fault: PartnerFault, times = 1): void {
    this.faults.push({ process, fault, times });
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://partner.test');
    const file = /^\/gbfs\/(\w+)$/.exec(pathname)?.[1];
    if (file !== undefined) return this.#file(file, request, response);
    const body = await text(request);
    const reseller = [this.token, this.otherToken].find((one) => request.headers.authorization === `Bearer ${one}`);
    if (reseller === undefined) return send(response, refusal(401, 'unauthorized', 'Nobody knows this token.'));
    if (pathname === '/tomp') return send(response, landing());
    const process = /^\/tomp\/processes\/([\w-]+)\/execution$/.exec(pathname)?.[1] ?? pathname.split('/')[3] ?? '';
    const found = this.faults.find((one) => one.process === process && one.times > 0);
    if (found !== undefined) found.times -= 1;
    const key = request.headers['idempotency-key'];
    const reference = typeof key === 'string' ? key : undefined;
    const note = (status: Asked['status']) => this.asked.push({ process, reference, status, body });
    if (found?.fault === 'deaf') {
      note('nothing');
      request.socket.destroy();
      return;
    }
    if (found?.fault === 'error') {
      note(500);
      return send(response, refusal(500, 'broken', 'Something is broken.'));
    }
    if (found?.fault === 'later') {
      note(409);
      response.setHeader('retry-after', '2');
      return send(response, refusal(409, 'being-looked-at', 'It is looked at.'));
    }
    if (found?.fault === 'refuse') {
      note(409);
      return send(response, refusal(409, 'vehicle-reserved', 'Somebody else has it.'));
    }
    const answer = this.#once(`${reseller} ${process} ${reference}`, reference, () =>
      this.bookings.execute(process, body === '' ? {} : JSON.parse(body), searchParams, reseller),
    );
    note(found === undefined ? answer.status : 'nothing');
    if (found?.fault === 'cut') {
      request.socket.destroy();
      return;
    }
    if (found?.fault === 'hang') await pause(60_000, undefined, { ref: false });
    const { status, body: said } = this.says.get(process)?.(JSON.stringify(answer.body)) ?? {};
    send(response, { status: status ?? answer.status, body: answer.body }, said);
  }

  /** The same request with the same key gets the same answer, and is done once. */
  #once(key: string, reference: string | undefined, run: () => Answer): Answer {
    const known = reference === undefined ? undefined : this.#answers.get(key);
    const answer = known ?? run();
    if (reference !== undefined && answer.status < 500) this.#answers.set(key, answer);
    return answer;
  }

  #file(file: string, request: IncomingMessage, response: ServerResponse): void {
    const header = { last_updated: new Date(this.lastUpdated()).toISOString(), ttl: this.ttl, version: '3.0' };
    const document = JSON.stringify(gbfsDocument(file, header, [...this.assets.values()], `${this.#url}/gbfs`));
    const { status = 200, body = document, headers = {} } = this.files.get(file)?.(document) ?? {};
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 20)}"`;
    const isSame = request.headers['if-none-match'] === etag && status === 200;
    this.fetched.push({ file, status: isSame ? 304 : status });
    response.writeHead(isSame ? 304 : status, { 'content-type': 'application/json', etag, ...headers });
    response.end(isSame ? '' : body);
  }
}

function send(response: ServerResponse, { status, body }: Answer, text = JSON.stringify(body)): void {
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
  response.end(text);
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
