import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const maximumFormBytes = 64 * 1024;

/** A request to the issuer. */
export interface WebRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly cookies: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A page, or what is sent as JSON. */
  readonly body: string | object;
}

/** Undefined: the body is too large. */
export async function webRequest(incoming: IncomingMessage): Promise<WebRequest | undefined> {
  const body = await readBody(incoming);
  if (body === undefined) return undefined;
  const url = incoming.url ?? '/';
  const at = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: at < 0 ? url : url.slice(0, at),
    query: new URLSearchParams(at < 0 ? '' : url.slice(at + 1)),
    headers: incoming.headers,
    cookies: cookiesOf(incoming.headers.cookie ?? ''),
    body,
  };
}

function cookiesOf(header: string): ReadonlyMap<string, string> {
  const pairs = header.split(';').map((pair) => pair.trim().split('='));
  return new Map(pairs.flatMap(([name, value]) => (name && value ? [[name, value]] : [])));
}

/** A form in which each name stands once at the most; Cognito refuses others. */
export function formOf({ headers, body }: Pick<WebRequest, 'headers' | 'body'>): URLSearchParams | undefined {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') return undefined;
  const form = new URLSearchParams(body);
  return eachOnce(form) ? form : undefined;
}

export function eachOnce(parameters: URLSearchParams): boolean {
  const names = [...parameters.keys()];
  return new Set(names).size === names.length;
}

export function redirect(location: string, cookies: readonly string[] = []): WebAnswer {
  const headers = { location, 'cache-control': 'no-store', ...(cookies.length > 0 && { 'set-cookie': cookies }) };
  return { status: 302, headers, body: '' };
}

/** For the machine that set it alone, out of reach of scripts; loopback has no TLS that `Secure` could ask for. */
export function cookie(name: string, value: string, seconds: number): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}`;
}

/** Takes as long for texts that are nearly the same as for others. */
export function same(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

export function hashedKey(secret: string): string {
  return digest(secret).toString('base64url');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Reads to the end also what is too large: what is left unread would stand before the next request of the connection. */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size <= maximumFormBytes) chunks.push(chunk);
  }
  return size > maximumFormBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}
