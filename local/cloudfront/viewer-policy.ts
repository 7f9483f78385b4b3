import { constants, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { edgeError } from './edge-error.ts';
import { fits } from './wildcard.ts';

/** CloudFront developer guide, "Code and examples": base64 whose characters a query may hold. */
const edgeBase64 = z.string().regex(/^[A-Za-z0-9~_-]+$/);

const epoch = z.strictObject({ 'AWS:EpochTime': z.number().int().positive() });
const policySchema = z.strictObject({
  Statement: z
    .array(
      z.strictObject({
        Resource: z.string().min(1),
        Condition: z.strictObject({
          DateLessThan: epoch,
          DateGreaterThan: epoch.optional(),
          IpAddress: z.strictObject({ 'AWS:SourceIp': z.string() }).optional(),
        }),
      }),
    )
    .length(1),
});

const signingNames = ['Expires', 'Policy', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm'];

export interface Viewing {
  /** `https://host/path?query`, as it arrived. */
  readonly url: string;
  readonly query: URLSearchParams;
  /** ms since the Unix epoch. */
  readonly now: number;
  /** Of a trusted key group; undefined for any other key. */
  key(keyPairId: string): KeyObject | undefined;
}

/**
 * Lets in whoever holds a signed URL for what they ask for, as a canned or a custom policy says.
 *
 * @throws AwsError MissingKey, AccessDenied
 */
export function admit(viewing: Viewing): void {
  const { query } = viewing;
  const keyPairId = query.get('Key-Pair-Id');
  if (keyPairId === null) throw edgeError('MissingKey', 'Missing Key-Pair-Id query parameter or cookie value');
  const key = viewing.key(keyPairId);
  const signature = edgeBase64.safeParse(query.get('Signature'));
  const text = policyText(viewing);
  if (key === undefined || !signature.success || text === undefined) throw denied();
  const hash = { SHA256: 'sha256', SHA1: 'sha1' }[query.get('Hash-Algorithm') ?? 'SHA1'];
  const rsa = { key, padding: constants.RSA_PKCS1_PADDING };
  if (hash === undefined || !verify(hash, Buffer.from(text), rsa, bytesOf(signature.data))) throw denied();
  if (!holds(text, viewing)) throw denied();
}

/** What was signed: the policy that came along, or the canned one that CloudFront writes itself. */
function policyText({ query, url }: Viewing): string | undefined {
  const custom = query.get('Policy');
  const expires = query.get('Expires');
  if (custom !== null) {
    const encoded = edgeBase64.safeParse(custom);
    return expires === null && encoded.success ? bytesOf(encoded.data).toString('utf8') : undefined;
  }
  if (expires === null || !/^\d{1,12}$/.test(expires)) return undefined;
  const resource = JSON.stringify(withoutSigning(url));
  return `{"Statement":[{"Resource":${resource},"Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
}

function holds(text: string, { url, now }: Viewing): boolean {
  const [statement] = policySchema.safeParse(jsonOf(text)).data?.Statement ?? [];
  if (statement === undefined) return false;
  const { DateLessThan, DateGreaterThan, IpAddress } = statement.Condition;
  const seconds = now / 1000;
  return (
    fits(statement.Resource, withoutSigning(url)) &&
    seconds < DateLessThan['AWS:EpochTime'] &&
    (DateGreaterThan === undefined || seconds > DateGreaterThan['AWS:EpochTime']) &&
    (IpAddress === undefined || ['0.0.0.0/0', '127.0.0.1', '127.0.0.1/32'].includes(IpAddress['AWS:SourceIp']))
  );
}

function withoutSigning(url: string): string {
  const at = url.indexOf('?');
  if (at < 0) return url;
  const kept = url
    .slice(at + 1)
    .split('&')
    .filter((pair) => !signingNames.includes(pair.split('=')[0] ?? ''));
  return kept.length === 0 ? url.slice(0, at) : `${url.slice(0, at)}?${kept.join('&')}`;
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'), 'base64');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function denied() {
  return edgeError('AccessDenied', 'Access denied');
}
