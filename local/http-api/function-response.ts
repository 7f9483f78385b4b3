/** What goes back to the client. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

export function gatewayAnswer(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    cookies: [],
    body: Buffer.from(JSON.stringify({ message })),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const malformed = gatewayAnswer(500, 'Internal Server Error');

/** A whole number, or the digits of one: API Gateway takes both. */
function statusOf(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599 ? status : undefined;
}

function headersOf(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) return undefined;
  const headers: Record<string, string> = {};
  for (const [name, content] of Object.entries(value)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return undefined;
    if (typeof content !== 'string' && typeof content !== 'number' && typeof content !== 'boolean') return undefined;
    headers[name.toLowerCase()] = String(content).replaceAll(/[\r\n]/g, ' ');
  }
  return headers;
}

/**
 * Lambda's answer in payload format 2.0. An answer without `statusCode` is itself the body of a 200;
 * one that makes no sense gets `Internal Server Error`.
 */
export function answerOf(payload: unknown): HttpAnswer {
  if (!isRecord(payload) || !('statusCode' in payload)) {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return { status: 200, headers: { 'content-type': 'application/json' }, cookies: [], body: Buffer.from(text) };
  }
  const { body = '', cookies = [] } = payload;
  const status = statusOf(payload['statusCode']);
  const headers = headersOf(payload['headers']);
  if (status === undefined || headers === undefined) return malformed;
  if (body !== null && typeof body !== 'string') return malformed;
  if (!Array.isArray(cookies) || !cookies.every((cookie) => typeof cookie === 'string')) return malformed;
  const encoding = payload['isBase64Encoded'] === true ? 'base64' : 'utf8';
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
    cookies,
    body: Buffer.from(body ?? '', encoding),
  };
}
