import type { FieldError } from '../kernel/failure.ts';
import type { Counts } from './import.ts';
import { shortened } from './layout.ts';

/** What became of a line. */
export type LineOutcome =
  | { readonly kind: 'registered' | 'unchanged' }
  | { readonly kind: 'failed'; readonly failure: LineFailure };

/** A line of the report. Never a VIN: whoever has the file finds it by the line. */
export interface LineFailure {
  /** Absent: it concerns the whole file. */
  readonly line?: number;
  readonly code: string;
  /** For people. */
  readonly detail: string;
  /** Each fault of the line by its JSON pointer, as the API names those of a body. */
  readonly errors?: readonly FieldError[];
}

const mostErrors = 10;

export function lineFailed(
  line: number,
  { code, detail, errors = [] }: { code: string; detail: string; errors?: readonly FieldError[] },
): LineOutcome {
  const told = errors
    .slice(0, mostErrors)
    .map(({ pointer, detail: fault }) => ({ pointer: shortened(pointer, 100), detail: shortened(fault, 200) }));
  return { kind: 'failed', failure: { line, code, detail, ...(told.length > 0 && { errors: told }) } };
}

export function counted(counts: Counts, outcomes: readonly LineOutcome[]): Counts {
  const of = (kind: LineOutcome['kind']) => outcomes.filter((outcome) => outcome.kind === kind).length;
  return {
    registered: counts.registered + of('registered'),
    unchanged: counts.unchanged + of('unchanged'),
    failed: counts.failed + of('failed'),
  };
}

/** The report: a JSON object a line. */
export function reportText(failures: readonly LineFailure[]): string {
  return failures.map((failure) => `${JSON.stringify(failure)}\n`).join('');
}
