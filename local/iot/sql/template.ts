import { evaluate } from './evaluate.ts';
import { parseExpression } from './parse.ts';
import { scopeOf } from './rule.ts';
import { SqlError } from './sql-error.ts';
import type { RuleMessage } from './sql-function.ts';
import type { Expression } from './syntax.ts';
import { toText } from './values.ts';

/** A text of a rule's action with `${expression}` in it. */
export interface SubstitutionTemplate {
  /** Undefined when one of the expressions has no value: then the action fails. */
  fill(message: RuleMessage): string | undefined;
}

/**
 * Understands a substitution template. Its expressions see the original payload and the functions, not
 * the names that the rule's SELECT gives.
 *
 * @example compileTemplate('vehicles/${topic(2)}/state').fill(message)
 * @throws SqlError that says what is not understood, and where
 */
export function compileTemplate(text: string): SubstitutionTemplate {
  const pieces: (string | Expression)[] = [];
  let position = 0;
  for (;;) {
    const start = text.indexOf('${', position);
    pieces.push(text.slice(position, start < 0 ? text.length : start));
    if (start < 0) break;
    const { expression, end } = parseExpression(text, start + 2);
    if (text[end] !== '}') throw new SqlError('A substitution template does not end here with }', end);
    pieces.push(expression);
    position = end + 1;
  }
  return {
    fill(message) {
      const scope = scopeOf(message);
      const texts = pieces.map((piece) => (typeof piece === 'string' ? piece : toText(evaluate(piece, scope))));
      return texts.includes(undefined) ? undefined : texts.join('');
    },
  };
}
