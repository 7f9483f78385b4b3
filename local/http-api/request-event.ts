import type { IncomingMessage } from 'node:http';

/** A request after it was read completely. */
export interface ReceivedRequest {
  readonly method: string;
  /** Decoded, as an HTTP API hands it on. */
  readonly path: string;
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly protocol: string;
  readonly requestId: string;
}

/** What the gateway knows of a request beside what the client sent. */
export interface RequestPlace {
  readonly accountId: string;
  readonly apiId: string;
  readonly routeKey: string;
  readonly requestId: string;
  readonly timeEpoch: number;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly stageVariables: Readonly<Record<string, string>> | undefined;
  readonly jwt:
    | { readonly claims: Readonly<Record<string, string>>; readonly scopes: readonly string[] | null }
    | undefined;
}

/**
 * The path is decoded once; a decoded `?` ends it (both as an HTTP API does).
 *
 * @returns undefined for a malformed escape
 */
export function decodedPath(target: string): { readonly path: string; readonly rawQuery: string } | undefined {
  const question = target.indexOf('?');
  const encoded = question < 0 ? target : target.slice(0, question);
  const rawQuery = question < 0 ? '' : target.slice(question + 1);
  try {
    const [path = '/'] = decodeURIComponent(encoded).split('?');
    return path.startsWith('/') ? { path, rawQuery } : undefined;
  } catch {
    return undefined;
  }
}

/** Names in lower case, several values of one name joined by commas, cookies apart. */
export function headersOf(request: IncomingMessage): Pick<ReceivedRequest, 'headers' | 'cookies'> {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = (request.rawHeaders[index] ?? '').toLowerCase();
    const value = request.rawHeaders[index + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(';').map((cookie) => cookie.trim()));
    else headers[name] = Object.hasOwn(headers, name) ? `${headers[name]},${value}` : value;
  }
  return { headers, cookies };
}

const textual = /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded)\b|[^;]+\+(json|xml)\b)/i;

function isText(contentType: string | undefined, body: Buffer): boolean {
  if (contentType !== undefined) return textual.test(contentType);
  return Buffer.from(body.toString('utf8')).equals(body);
}

function queryParameters(rawQuery: string): Record<string, string> | undefined {
  if (rawQuery === '') return undefined;
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    const former = values.get(name);
    values.set(name, former === undefined ? value : `${former},${value}`);
  }
  return Object.fromEntries(values);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Apache's format: `12/Mar/2020:19:03:58 +0000`. */
function accessLogTime(instant: number): string {
  const date = new Date(instant);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${two(date.getUTCDate())}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

/**
 * The event of payload format 2.0. Members without a value are left out, as API Gateway does it
 * ("Working with AWS Lambda proxy integrations for HTTP APIs").
 */
export function requestEvent(request: ReceivedRequest, place: RequestPlace): object {
  const { headers, body } = request;
  const text = isText(headers['content-type'], body);
  const query = queryParameters(request.rawQuery);
  const domainName = headers['host'] ?? '';
  return {
    version: '2.0',
    routeKey: place.routeKey,
    rawPath: request.path,
    rawQueryString: request.rawQuery,
    ...(request.cookies.length > 0 ? { cookies: request.cookies } : {}),
    headers,
    ...(query === undefined ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: place.accountId,
      apiId: place.apiId,
      ...(place.jwt === undefined ? {} : { authorizer: { jwt: place.jwt } }),
      domainName,
      domainPrefix: domainName.split('.')[0] ?? '',
      http: {
        method: request.method,
        path: request.path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: place.requestId,
      routeKey: place.routeKey,
      stage: '$default',
      time: accessLogTime(place.timeEpoch),
      timeEpoch: place.timeEpoch,
    },
    ...(Object.keys(place.pathParameters).length > 0 ? { pathParameters: place.pathParameters } : {}),
    ...(place.stageVariables === undefined ? {} : { stageVariables: place.stageVariables }),
    ...(body.length > 0 ? { body: body.toString(text ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: body.length > 0 && !text,
  };
}
