import type { FieldError } from '../kernel/failure.ts';
import { csvFields, type Separator, unguarded } from './csv.ts';
import type { TransferFormat } from './transfer-format.ts';

/** How the lines of one file are to be read, as its first line says. */
export type Layout =
  | { readonly format: 'ndjson' }
  /** A column without a name must be empty: spreadsheets leave such at the right. */
  | { readonly format: 'csv'; readonly separator: Separator; readonly columns: readonly string[] };

/** What the fields may be called. */
export interface Members {
  readonly known: readonly string[];
  readonly required: readonly string[];
}

export const faultCodes = [
  'wrong-header',
  'not-ndjson',
  'not-utf-8',
  'empty-file',
  'malformed-line',
  'invalid-line',
  'line-too-long',
] as const;

/** Why a whole file, or one of its lines, cannot be used. */
export interface Fault {
  readonly code: (typeof faultCodes)[number];
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

export type LayoutFound = { readonly layout: Layout; readonly isHeader: boolean } | { readonly fault: Fault };

/** @param firstLine the first that is not empty */
export function layoutOf(format: TransferFormat, firstLine: string, members: Members): LayoutFound {
  if (firstLine.includes('\u0000')) return { fault: notText };
  if (format === 'csv') return csvLayout(firstLine, members);
  if (firstLine.trimStart().startsWith('{')) return { layout: { format }, isHeader: false };
  const detail = 'The first line is no JSON object. Each line holds one, as the body of POST /v1/vehicles.';
  return { fault: { code: 'not-ndjson', detail } };
}

export const notText: Fault = {
  code: 'not-utf-8',
  detail: 'The file is not text in UTF-8. Export it as “CSV UTF-8”, neither UTF-16 nor packed nor as a workbook.',
};

export const emptyFile: Fault = { code: 'empty-file', detail: 'There is no line in the file.' };

const ndjsonInstead =
  'The file looks like NDJSON, and the import was started for CSV: start one whose format is ndjson.';

function csvLayout(header: string, { known, required }: Members): LayoutFound {
  if (header.trimStart().startsWith('{')) return wrongHeader(ndjsonInstead, []);
  const separator = header.includes(',') || !header.includes(';') ? ',' : ';';
  const split = csvFields(header, separator);
  if ('fault' in split) return wrongHeader(`The header ${split.fault}.`, []);
  const columns = split.fields.map((name) => known.find((each) => each.toLowerCase() === name.toLowerCase()) ?? name);
  const errors = [
    ...columns
      .map((name, index) => ({ name, shown: shownName(name, index) }))
      .filter(({ name }) => name !== '' && !known.includes(name))
      .map(({ shown }) => ({ pointer: column(shown), detail: 'is not known here' })),
    ...columns
      .map((name, index) => ({ name, index }))
      .filter(({ name, index }) => name !== '' && columns.indexOf(name) !== index)
      .map(({ name, index }) => ({ pointer: column(shownName(name, index)), detail: 'stands there twice' })),
    ...required
      .filter((name) => !columns.includes(name))
      .map((name) => ({ pointer: column(name), detail: 'is missing' })),
  ];
  if (errors.length === 0) return { layout: { format: 'csv', separator, columns }, isHeader: true };
  const named = errors.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join(', ');
  return wrongHeader(`The header of the columns is wrong: ${named}. The columns are ${known.join(', ')}.`, errors);
}

/** A file without a header begins with a vehicle: its VIN has no place in what is kept of the import. */
function shownName(name: string, index: number): string {
  return /[A-Z0-9]{17}/i.test(name) ? `column ${index + 1}` : name;
}

function wrongHeader(detail: string, errors: readonly FieldError[]): LayoutFound {
  return { fault: { code: 'wrong-header', detail: shortened(detail, 1000), errors: errors.slice(0, 20) } };
}

export type Candidate = { readonly value: unknown } | { readonly fault: Fault } | { readonly kind: 'nothing' };

/** What stands in a line, yet to be judged. Nothing: a line of separators alone, as spreadsheets leave them. */
export function candidateIn(text: string, layout: Layout): Candidate {
  return layout.format === 'ndjson' ? jsonCandidate(text) : csvCandidate(text, layout);
}

function jsonCandidate(text: string): Candidate {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return malformed('The line is not JSON.');
  }
}

function csvCandidate(text: string, { separator, columns }: Extract<Layout, { format: 'csv' }>): Candidate {
  const split = csvFields(text, separator);
  if ('fault' in split) return malformed(`The line ${split.fault}.`);
  const { fields } = split;
  if (fields.every((field) => field === '')) return { kind: 'nothing' };
  const surplus = fields.some((field, index) => field !== '' && (columns[index] ?? '') === '');
  if (fields.length < columns.length || surplus) {
    return malformed(`The line has ${fields.length} fields, the header ${columns.length}.`);
  }
  // An empty field says nothing, as a member that is left out.
  const entries = columns.flatMap((name, index) => {
    const field = fields[index] ?? '';
    return name === '' || field === '' ? [] : [[name, unguarded(field)] as const];
  });
  return { value: Object.fromEntries(entries) };
}

function malformed(detail: string): Candidate {
  return { fault: { code: 'malformed-line', detail } };
}

function column(name: string): string {
  return `/${shortened(name, 60)}`;
}

/** What came from the file is told back, but not at any length. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}
