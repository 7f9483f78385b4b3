/**
 * The running numbers of one operator and year (docs/decisions/invoice-numbers.md). Written only together with the document
 * that takes the number, so that there is neither a gap nor a double.
 */
export interface NumberRange {
  readonly year: number;
  /** The number that was taken last; 0: none. */
  readonly last: number;
}

export interface TakenNumber {
  readonly number: string;
  readonly sequence: number;
  readonly year: number;
}

/** @param day on which the document is issued, `2026-11-22` */
export function yearOf(day: string): number {
  return Number(day.slice(0, 4));
}

export function nextNumber(range: NumberRange, prefix: string): TakenNumber {
  const sequence = range.last + 1;
  const { year } = range;
  return { number: `${prefix}-${year}-${String(sequence).padStart(6, '0')}`, sequence, year };
}

export const documentNumberPattern = /^[A-Z][A-Z0-9]{0,7}-(\d{4})-(\d{6,12})$/;

/** Where a document with this number stands, whatever its prefix. */
export function placeOfNumber(number: string): Omit<TakenNumber, 'number'> | undefined {
  const [, year, sequence] = documentNumberPattern.exec(number) ?? [];
  return year === undefined || sequence === undefined ? undefined : { year: Number(year), sequence: Number(sequence) };
}
