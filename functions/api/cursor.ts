import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';

// A cursor names the query it belongs to, so that it cannot be mixed up with another. It opens nothing: rights
// and brands are decided anew for each page.
const cursorSchema = z.strictObject({ q: z.string(), p: z.string() });

/** @param query everything but limit and cursor */
export function encodeCursor(query: unknown, position: string): string {
  return Buffer.from(JSON.stringify({ q: fingerprint(query), p: position })).toString('base64url');
}

export function decodeCursor(query: unknown, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const parsed = cursorSchema.safeParse(jsonOf(cursor));
  if (!parsed.success || parsed.data.q !== fingerprint(query)) throw badCursor();
  return parsed.data.p;
}

export function badCursor(): Failure {
  return new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.', {
    resolution: 'Send `nextCursor` unchanged, with the same parameters as the page it came with.',
    errors: [{ pointer: 'cursor', detail: 'belongs to another query, or to none' }],
  });
}

function fingerprint(query: unknown): string {
  return createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 12);
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
