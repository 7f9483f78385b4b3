import { createHash, createHmac } from 'node:crypto';

export interface AddressOptions {
  readonly service?: string;
  readonly at?: number;
  readonly expiresSeconds?: number;
  readonly token?: { readonly value: string; readonly place: 'inside' | 'outside' };
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** The address of a WebSocket, signed by hand as a browser does it. */
export function signedAddress(
  port: number,
  key: { readonly accessKeyId: string; readonly secretAccessKey: string },
  { service = 'iotdevicegateway', at = Date.now(), expiresSeconds, token }: AddressOptions = {},
): string {
  const timestamp = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${timestamp.slice(0, 8)}/eu-central-1/${service}/aws4_request`;
  const tokenPair = token === undefined ? '' : `X-Amz-Security-Token=${encodeURIComponent(token.value)}`;
  const query = [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${encodeURIComponent(`${key.accessKeyId}/${scope}`)}`,
    `X-Amz-Date=${timestamp}`,
    ...(expiresSeconds === undefined ? [] : [`X-Amz-Expires=${expiresSeconds}`]),
    ...(token?.place === 'inside' ? [tokenPair] : []),
    'X-Amz-SignedHeaders=host',
  ].join('&');
  const canonical = `GET\n/mqtt\n${query}\nhost:localhost:${port}\n\nhost\n${hash('')}`;
  let signing: Buffer = Buffer.from(`AWS4${key.secretAccessKey}`);
  for (const part of scope.split('/')) signing = createHmac('sha256', signing).update(part).digest();
  const text = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${hash(canonical)}`;
  const signature = createHmac('sha256', signing).update(text).digest('hex');
  const after = token?.place === 'outside' ? `&${tokenPair}` : '';
  return `wss://localhost:${port}/mqtt?${query}&X-Amz-Signature=${signature}${after}`;
}
