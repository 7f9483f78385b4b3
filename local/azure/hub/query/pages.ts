import { createHash } from 'node:crypto';
import { z } from 'zod';
import { argumentInvalid } from '../hub-error.ts';
import type { Row } from './select.ts';

const usualSize = 100;
const largest = 10_000;
const tokenSchema = z.strictObject({ query: z.string(), after: z.string() });

export interface Page {
  readonly rows: readonly Row[];
  /** Undefined: this was the last one. */
  readonly continuation: string | undefined;
}

/**
 * @param query tells the continuations of different queries apart
 * @param rows in the order of their keys
 * @throws HubError ArgumentInvalid for a size out of range, or the continuation of another query
 */
export function pageOf(
  query: string,
  rows: readonly Row[],
  asked: { readonly size?: string | undefined; readonly continuation?: string | undefined },
): Page {
  const size = Number(asked.size || usualSize);
  if (!Number.isInteger(size) || size < 1 || size > largest)
    throw argumentInvalid(`x-ms-max-item-count: 1 to ${largest}`);
  const digest = createHash('sha256').update(query).digest('base64url').slice(0, 16);
  const after = asked.continuation ? afterOf(asked.continuation, digest) : undefined;
  const rest = after === undefined ? rows : rows.filter(({ key }) => key > after);
  const page = rest.slice(0, size);
  const last = page.at(-1)?.key;
  const more = rest.length > page.length && last !== undefined;
  const token = more ? Buffer.from(JSON.stringify({ query: digest, after: last })).toString('base64') : undefined;
  return { rows: page, continuation: token };
}

function afterOf(continuation: string, digest: string): string {
  const refused = argumentInvalid('x-ms-continuation: this continuation is none of this query');
  let said: unknown;
  try {
    said = JSON.parse(Buffer.from(continuation, 'base64').toString());
  } catch {
    throw refused;
  }
  const token = tokenSchema.safeParse(said);
  if (!token.success || token.data.query !== digest) throw refused;
  return token.data.after;
}
