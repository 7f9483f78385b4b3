import { Failure, type FieldError } from '../../kernel/failure.ts';

/** What may be wrong with it; each has its entry in the problem catalogue. */
export const findingCodes = [
  ...(['bounds-not-usable', 'currency-not-usable', 'licence-not-usable', 'market-not-taxed'] as const),
  ...(['opening-hours-not-usable', 'range-missing', 'time-zone-unknown', 'vehicle-type-gone'] as const),
  ...(['vehicle-type-twice', 'vehicle-type-unknown'] as const),
  ...(['zone-coordinates-swapped', 'zone-crosses-itself', 'zone-never-in-force', 'zone-not-closed'] as const),
  ...(['zone-outside-system', 'zone-ring-too-short', 'zone-rule-missing', 'zone-says-nothing'] as const),
  ...(['zone-twice', 'zones-too-large', 'zones-too-many'] as const),
  ...(['currency-other', 'day-cap-below-fee', 'day-cap-below-minute', 'package-dearer-than-without'] as const),
  ...(['package-empty', 'package-twice', 'pause-dearer-than-driving'] as const),
  ...(['price-absurd', 'price-negative', 'price-not-whole'] as const),
  ...(['plan-unknown', 'registration-missing'] as const),
] as const;
/** Of a file alone: over the API they come one by one. */
type FileCode = 'label-twice' | 'plan-twice' | 'vehicle-twice';
export type FindingCode = (typeof findingCodes)[number] | FileCode;

/** One thing that is wrong with what an operator would set up. */
export interface Finding extends FieldError {
  /** Of the problem. */
  readonly code: FindingCode;
}

/** None where nothing is wrong. */
export function onlyIf(isWrong: boolean, code: FindingCode, pointer: string, detail: string): Finding[] {
  return isWrong ? [{ code, pointer, detail }] : [];
}

/** Throws `invalid` with the code of the first finding, and all of them listed; returns where there are none. */
export function refuse(findings: readonly Finding[]): void {
  const [first] = findings;
  if (first === undefined) return;
  const others = findings.length - 1;
  const more = others === 0 ? '' : ` ${others} more ${others === 1 ? 'stands' : 'stand'} in "errors".`;
  throw new Failure('invalid', first.code, `${first.pointer}: ${first.detail}${more}`, {
    resolution: 'Correct what "errors" names and send it again; nothing was changed.',
    errors: findings.map(({ pointer, detail }) => ({ pointer, detail })),
  });
}

/** Findings about names that stand twice in a list. */
export function namedTwice(
  names: readonly string[],
  code: FindingCode,
  pointerOf: (index: number) => string,
): Finding[] {
  return names.flatMap((name, index) =>
    onlyIf(names.indexOf(name) !== index, code, pointerOf(index), `"${name}" is there twice.`),
  );
}
