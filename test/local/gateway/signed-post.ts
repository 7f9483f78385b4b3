import { createHash, createHmac } from 'node:crypto';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** A form as the query protocol of the AWS CLI sends it, signed by hand. */
export async function signedPost(
  endpoint: string,
  service: string,
  body: string,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string },
): Promise<Response> {
  const host = new URL(endpoint).host;
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${timestamp.slice(0, 8)}/eu-central-1/${service}/aws4_request`;
  const canonical = `POST\n/\n\nhost:${host}\nx-amz-date:${timestamp}\n\nhost;x-amz-date\n${hash(body)}`;
  let key: Buffer = Buffer.from(`AWS4${credentials.secretAccessKey}`);
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  const text = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${hash(canonical)}`;
  const signature = createHmac('sha256', key).update(text).digest('hex');
  return fetch(endpoint, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-amz-date': timestamp,
      authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    },
  });
}
