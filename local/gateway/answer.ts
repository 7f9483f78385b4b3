import type { ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { AwsError } from '#local/aws-error.ts';
import type { AwsResponse } from './service.ts';

/** How the caller wants its errors: the SDKs of the JSON protocols, of REST-JSON, or of the query protocol. */
export type ErrorForm = 'aws-json' | 'rest-json' | 'query';

/** What is the local cloud's own speaks JSON, whatever media type `curl -d` gave the request. */
const own = /^\/(?:clock|faults|traces?)(?:\/|$)/;

export function errorForm(headers: Readonly<Record<string, string | undefined>>, path = '/'): ErrorForm {
  if (own.test(path)) return 'rest-json';
  if (headers['x-amz-target'] !== undefined) return 'aws-json';
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? 'query' : 'rest-json';
}

export function send(response: ServerResponse, requestId: string, answer: AwsResponse): void {
  if (answer.stream !== undefined) {
    sendStream(response, requestId, answer, answer.stream);
    return;
  }
  if (response.destroyed) return;
  const headers: Record<string, string | number> = { 'x-amzn-requestid': requestId };
  let body: Buffer | string = '';
  if (typeof answer.body === 'string' || Buffer.isBuffer(answer.body)) body = answer.body;
  else if (answer.body !== undefined) {
    body = JSON.stringify(answer.body);
    headers['content-type'] = 'application/json';
  }
  headers['content-length'] = Buffer.byteLength(body);
  response.writeHead(answer.status, { ...headers, ...answer.headers }).end(body);
}

/** A reader that goes away, or a file that cannot be read, ends the connection: the head has gone out already. */
function sendStream(response: ServerResponse, requestId: string, { status, headers }: AwsResponse, stream: Readable) {
  if (response.destroyed) stream.destroy();
  else pipeline(stream, response.writeHead(status, { 'x-amzn-requestid': requestId, ...headers }), () => {});
}

export function errorAnswer(error: AwsError, form: ErrorForm, requestId: string): AwsResponse {
  if (form === 'query') return queryError(error, requestId);
  const type = form === 'aws-json' ? { __type: error.name } : {};
  return {
    status: error.status,
    headers: { 'x-amzn-errortype': error.name },
    body: { ...type, message: error.message, ...error.details },
  };
}

function queryError(error: AwsError, requestId: string): AwsResponse {
  const fault = error.status < 500 ? 'Sender' : 'Receiver';
  const parts = `<Type>${fault}</Type><Code>${escapeXml(error.name)}</Code><Message>${escapeXml(error.message)}</Message>`;
  return {
    status: error.status,
    headers: { 'content-type': 'text/xml' },
    body: `<ErrorResponse><Error>${parts}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  };
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Anything that is not an `AwsError` is a fault of the local cloud itself. */
export function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  return new AwsError('InternalFailure', 500, error instanceof Error ? error.message : String(error));
}
