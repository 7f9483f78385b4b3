import { Failure, type FieldError } from '../../kernel/failure.ts';

/** One thing that is wrong with what an operator would set up. */
export interface Finding extends FieldError {
  /** Of the problem. */
  readonly code: string;
}

/** Throws `invalid` with the code of the first finding, and all of them listed; returns where there are none. */
export function refuse(findings: readonly Finding[]): void {
  const [first] = findings;
  if (first === undefined) return;
  const more = findings.length === 1 ? '' : ` ${findings.length - 1} more stand in "errors".`;
  throw new Failure('invalid', first.code, `${first.pointer}: ${first.detail}${more}`, {
    resolution: 'Correct what "errors" names and send it again; nothing was changed.',
    errors: findings.map(({ pointer, detail }) => ({ pointer, detail })),
  });
}

/** Findings about names that stand twice in a list. */
export function namedTwice(names: readonly string[], code: string, pointerOf: (index: number) => string): Finding[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [{ code, pointer: pointerOf(index), detail: `"${name}" is there twice.` }],
  );
}
