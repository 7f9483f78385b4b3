import type { Faults } from '#local/faults/faults.ts';

type Json = Readonly<Record<string, unknown>>;

interface Share {
  /** What goes to the engine; undefined: nothing is left of it. */
  readonly requested: Json | undefined;
  /** What is given back as not worked off, in the form of the request. */
  readonly unprocessed: Json;
}

const members: Readonly<Record<string, string>> = {
  BatchGetItem: 'UnprocessedKeys',
  BatchWriteItem: 'UnprocessedItems',
};

/**
 * The part of a batch that a table is not to work off, as DynamoDB leaves items out when it is throttled. Undefined:
 * all of it is worked off.
 */
export function partOf(faults: Faults, operation: string, input: Json): Share | undefined {
  if (members[operation] === undefined || faults.failing === undefined) return undefined;
  const requested: Record<string, unknown> = {};
  const unprocessed: Record<string, unknown> = {};
  for (const [table, request] of Object.entries(Object(input['RequestItems']))) {
    const { entries, rest } = entriesOf(request);
    const names = entries.map((_, index) => String(index));
    const failing = faults.failing('table', `${table}:${operation}`, names);
    const [bad, good] = [true, false].map((wanted) =>
      entries.filter((_, index) => failing.has(String(index)) === wanted),
    );
    if (good !== undefined && good.length > 0) requested[table] = rest(good);
    if (bad !== undefined && bad.length > 0) unprocessed[table] = rest(bad);
  }
  if (Object.keys(unprocessed).length === 0) return undefined;
  return { requested: Object.keys(requested).length === 0 ? undefined : requested, unprocessed };
}

/** The engine's answer (or none, when there was nothing left for it) with what was not worked off. */
export function withUnprocessed(operation: string, answer: Json | undefined, { unprocessed }: Share): Json {
  const empty = operation === 'BatchGetItem' ? { Responses: {} } : {};
  const member = members[operation] ?? '';
  return { ...(answer ?? empty), [member]: { ...Object(answer?.[member]), ...unprocessed } };
}

function entriesOf(request: unknown): { entries: readonly unknown[]; rest: (kept: readonly unknown[]) => unknown } {
  if (Array.isArray(request)) return { entries: request, rest: (kept) => kept };
  const { Keys, ...others } = Object(request);
  return { entries: Array.isArray(Keys) ? Keys : [], rest: (kept) => ({ ...others, Keys: kept }) };
}
