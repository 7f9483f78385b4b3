import { createHash, createHmac } from 'node:crypto';

/** Who signs, and where: a part of `cloud.json`. */
export interface Signer {
  readonly region: string;
  readonly aws: { readonly endpoint: string; readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface SignedRequest {
  /** As the credential scope names it: `traces`, `clock`, `cognito-idp`. */
  readonly service: string;
  readonly method: string;
  readonly path: string;
  /** Encoded, its names in alphabetical order. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request of the administrator, under Signature Version 4. */
export function signedCall({ region, aws }: Signer, request: SignedRequest): Promise<Response> {
  const { service, method, path, query = '', headers = {}, body } = request;
  const { host } = new URL(aws.endpoint);
  const timestamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${timestamp.slice(0, 8)}/${region}/${service}/aws4_request`;
  const signed = Object.entries({ ...headers, host, 'x-amz-date': timestamp }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
  const canonical = `${method}\n${path}\n${query}\n${lines}\n${names}\n${sha256(body ?? '')}`;
  let key: Buffer = Buffer.from(`AWS4${aws.secretAccessKey}`);
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  const toSign = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`;
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${aws.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return fetch(`${aws.endpoint}${path}${query === '' ? '' : `?${query}`}`, {
    method,
    headers: { ...headers, 'x-amz-date': timestamp, authorization },
    ...(body !== undefined && { body }),
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
