import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** Methods that the Fetch standard does not let a `Request` have. */
const unsayable = /^(connect|trace|track)$/i;

/**
 * An event of an HTTP API (payload format 2.0) as the request it stands for, with everything in it: API Gateway
 * hands on empty headers and any method. Only the path cannot be kept by a URL: see `pathOf`.
 */
export function requestOf(event: APIGatewayProxyEventV2): Request {
  const { method } = event.requestContext.http;
  const { body } = event;
  // The content of a GET means nothing (RFC 9110, 9.3.1), and a Request cannot carry it.
  const bodiless = body === undefined || /^(get|head)$/i.test(method);
  const headers = new Headers();
  for (const [name, value = ''] of Object.entries(event.headers)) {
    if (bodiless && name === 'content-length') continue;
    // A header is a row of bytes: what is beyond ASCII stays what came over the wire.
    headers.set(name, Buffer.from(value, 'utf8').toString('latin1'));
  }
  const query = event.rawQueryString === '' ? '' : `?${event.rawQueryString}`;
  return new Request(`${originOf(event)}/${query}`, {
    // No resource has either method, and both get the same answer.
    method: unsayable.test(method) ? 'UNKNOWN' : method,
    headers,
    ...(!bodiless && { body: event.isBase64Encoded ? Buffer.from(body, 'base64') : body }),
  });
}

/**
 * The path as API Gateway has matched it: decoded once. A URL would resolve `..` in it, and a path that was let
 * through by one route, or refused, would be served as another. It is encoded so that the router's decoding
 * gives back the very same characters.
 */
export function pathOf(rawPath: string): string {
  return rawPath
    .split('/')
    .map((segment) => encodeURIComponent(segment.replaceAll(/\p{Surrogate}/gu, '\ufffd')))
    .join('/');
}

export async function resultOf(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
    isBase64Encoded: false,
  };
}

function originOf({ headers, requestContext }: APIGatewayProxyEventV2): string {
  const scheme = headers['x-forwarded-proto'] === 'http' ? 'http' : 'https';
  const origin = `${scheme}://${requestContext.domainName}`;
  return URL.canParse(origin) ? new URL(origin).origin : 'https://localhost';
}
