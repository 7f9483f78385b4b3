import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';

/** @param asked everything but limit and cursor: a cursor belongs to it */
export async function pageFor<T, View>(
  asked: unknown,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  list: (page: PageRequest) => Promise<Page<T>>,
  view: (item: T) => View,
) {
  const from = decodeCursor(asked, cursor);
  const { items, next } = await list({ limit, ...(from !== undefined && { from }) });
  return { items: items.map(view), ...(next !== undefined && { nextCursor: encodeCursor(asked, next) }) };
}
