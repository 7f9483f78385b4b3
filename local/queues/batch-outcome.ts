import { z } from 'zod';
import type { InvocationResult } from '#local/lambda/invoker.ts';

/** What a function left of its batch. `failed` holds the identifiers of the records that want another attempt. */
export type BatchOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'partly'; readonly failed: ReadonlySet<string> }
  | { readonly kind: 'failed'; readonly reason: string };

const report = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
});

/**
 * Reads a partial batch response as Lambda does (developer guide, "Implementing partial batch responses"): nothing
 * or an empty list is success; a list that is malformed or names an unknown record fails the whole batch.
 *
 * @param identifiers message ids, or sequence numbers
 */
export function batchOutcome(
  result: InvocationResult,
  identifiers: readonly string[],
  reportsFailures: boolean,
): BatchOutcome {
  if (result.kind === 'failed') return { kind: 'failed', reason: `${result.errorType}: ${result.errorMessage}` };
  if (!reportsFailures || result.payload === null || result.payload === undefined) return { kind: 'done' };
  const parsed = report.safeParse(result.payload);
  if (!parsed.success) return { kind: 'failed', reason: 'The batch response is malformed.' };
  const failed = new Set((parsed.data.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
  if (failed.size === 0) return { kind: 'done' };
  const known = new Set(identifiers);
  const stranger = [...failed].find((identifier) => !known.has(identifier));
  if (stranger !== undefined) {
    return { kind: 'failed', reason: `The batch response names ${stranger}, which is not in the batch.` };
  }
  return { kind: 'partly', failed };
}

/**
 * A fault says that these records failed, although the function was through with them. Without partial responses
 * one of them fails the whole batch.
 */
export function withFailing(
  outcome: BatchOutcome,
  failing: ReadonlySet<string> | undefined,
  reportsFailures: boolean,
): BatchOutcome {
  if (failing === undefined || failing.size === 0 || outcome.kind === 'failed') return outcome;
  if (!reportsFailures) return { kind: 'failed', reason: 'A fault says that a record failed.' };
  return { kind: 'partly', failed: outcome.kind === 'done' ? failing : new Set([...outcome.failed, ...failing]) };
}
