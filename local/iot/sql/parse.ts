import { functionNamed } from './functions.ts';
import { SqlError } from './sql-error.ts';
import type { BinaryOperator, CastType, Expression, SelectedItem, Selection, Statement, Where } from './syntax.ts';
import { javaPattern } from './text-functions.ts';
import { TokenCursor } from './token-cursor.ts';

/** @throws SqlError at the first word, function or clause that is not understood */
export function parseStatement(sql: string): Statement {
  const parser = new Parser(sql, 0);
  const statement = parser.statement();
  parser.expectEnd();
  return statement;
}

/** The expression that begins at `from`, and where it ends. */
export function parseExpression(source: string, from: number): { expression: Expression; end: number } {
  const parser = new Parser(source, from);
  const expression = parser.expression();
  return { expression, end: parser.next.position };
}

const castTypes: ReadonlyMap<string, CastType> = new Map([
  ...['string', 'nvarchar', 'text', 'ntext', 'varchar'].map((name) => [name, 'string'] as const),
  ...['int', 'integer'].map((name) => [name, 'int'] as const),
  ...['double', 'decimal'].map((name) => [name, 'decimal'] as const),
  ...['bool', 'boolean'].map((name) => [name, 'boolean'] as const),
]);

/** These words cannot be the name of a field. */
const reserved = new Set('SELECT FROM WHERE AS AND OR NOT CASE WHEN THEN ELSE END'.split(' '));

/** From the loosest to the tightest; NOT stands between AND and the comparisons. */
const comparisons: readonly BinaryOperator[] = ['=', '<>', '<', '<=', '>', '>='];
const sums: readonly BinaryOperator[] = ['+', '-'];
const products: readonly BinaryOperator[] = ['*', '/', '%'];

class Parser extends TokenCursor {
  statement(): Statement {
    this.expectWord('SELECT');
    const select = this.#selection();
    const from = this.takeWord('FROM') ? this.#topicFilter() : undefined;
    return { select, from, where: this.#where() };
  }

  expectEnd(): void {
    if (this.next.kind !== 'end') throw this.unexpected('the end');
  }

  expression(): Expression {
    return this.#or();
  }

  #selection(): Selection {
    if (this.#beginsValue()) {
      this.advance();
      if (this.isSymbol('*')) throw new SqlError('SELECT VALUE * is not known', this.next.position);
      return { kind: 'value', value: this.expression() };
    }
    let everything = false;
    const items: SelectedItem[] = [];
    do {
      if (this.takeSymbol('*')) everything = true;
      else items.push(this.#item());
    } while (this.takeSymbol(','));
    return { kind: 'items', everything, items };
  }

  /** `VALUE` is a keyword when an expression follows; in `SELECT value AS v` it is a field. */
  #beginsValue(): boolean {
    if (!this.isWord('VALUE')) return false;
    const after = this.afterNext;
    if (after.kind === 'word') return !['AS', 'FROM', 'WHERE', 'AND', 'OR'].includes(after.text.toUpperCase());
    return after.kind === 'number' || after.kind === 'text' || (after.kind === 'symbol' && '([{'.includes(after.text));
  }

  #item(): SelectedItem {
    const { position } = this.next;
    const expression = this.expression();
    if (this.takeWord('AS')) return { expression, name: this.#dottedName() };
    if (expression.kind === 'field' || expression.kind === 'member') return { expression, name: [expression.name] };
    throw new SqlError('What is selected here needs a name: add AS', position);
  }

  #dottedName(): string[] {
    const names = [this.word('a name')];
    while (this.takeSymbol('.')) names.push(this.word('a name'));
    return names;
  }

  #topicFilter(): string {
    const { kind, text, position } = this.next;
    if (kind !== 'text') throw this.unexpected('a topic filter in quotes');
    const levels = text.split('/');
    const wrong = levels.some((level, index) =>
      level.includes('#') ? level !== '#' || index < levels.length - 1 : level.includes('+') && level !== '+',
    );
    if (text === '' || wrong) throw new SqlError(`'${text}' is no topic filter`, position);
    this.advance();
    return text;
  }

  #where(): Where {
    return this.takeWord('WHERE') ? this.expression() : undefined;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.takeWord('OR')) left = { kind: 'binary', operator: 'OR', left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.takeWord('AND')) left = { kind: 'binary', operator: 'AND', left, right: this.#not() };
    return left;
  }

  #not(): Expression {
    if (this.takeWord('NOT')) return { kind: 'not', operand: this.#not() };
    return this.#chain(comparisons, () => this.#chain(sums, () => this.#chain(products, () => this.#unary())));
  }

  #chain(operators: readonly BinaryOperator[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const operator = operators.find((candidate) => this.isSymbol(candidate));
      if (operator === undefined) return left;
      this.advance();
      left = { kind: 'binary', operator, left, right: operand() };
    }
  }

  #unary(): Expression {
    if (!this.takeSymbol('-')) return this.#path();
    const operand = this.#unary();
    if (operand.kind === 'literal' && typeof operand.value === 'number') return { ...operand, value: -operand.value };
    return { kind: 'negative', operand };
  }

  #path(): Expression {
    let of = this.#primary();
    while (this.takeSymbol('.')) of = { kind: 'member', of, name: this.word('the name of a member') };
    return of;
  }

  #primary(): Expression {
    const { kind, text } = this.next;
    if (kind === 'number' || kind === 'text') {
      this.advance();
      return { kind: 'literal', value: kind === 'number' ? Number(text) : text };
    }
    if (this.takeSymbol('(')) return this.#parenthesized();
    if (this.takeSymbol('[')) return { kind: 'array', elements: this.#list(']', () => this.expression()) };
    if (this.takeSymbol('{')) return { kind: 'object', members: this.#list('}', () => this.#objectMember()) };
    if (kind === 'word') return this.#named();
    throw this.unexpected('an expression');
  }

  #parenthesized(): Expression {
    if (!this.takeWord('SELECT')) {
      const inner = this.expression();
      this.expectSymbol(')');
      return inner;
    }
    const select = this.#selection();
    this.expectWord('FROM');
    const from = this.expression();
    const where = this.#where();
    this.expectSymbol(')');
    return { kind: 'subselect', select, from, where };
  }

  #objectMember(): readonly [string, Expression] {
    const { kind, text } = this.next;
    if (kind !== 'text' && kind !== 'word') throw this.unexpected('a key');
    this.advance();
    this.expectSymbol(':');
    return [text, this.expression()];
  }

  #named(): Expression {
    const { text, position } = this.next;
    const word = text.toUpperCase();
    if (word === 'CASE') return this.#case();
    if (reserved.has(word)) throw this.unexpected('an expression');
    this.advance();
    if (this.takeSymbol('(')) return this.#call(text, position);
    if (word === 'TRUE' || word === 'FALSE') return { kind: 'literal', value: word === 'TRUE' };
    if (word === 'NULL') return { kind: 'literal', value: null };
    return { kind: 'field', name: text };
  }

  #case(): Expression {
    this.expectWord('CASE');
    const subject = this.expression();
    const branches: { when: Expression; result: Expression }[] = [];
    do {
      this.expectWord('WHEN');
      const when = this.expression();
      this.expectWord('THEN');
      branches.push({ when, result: this.expression() });
    } while (this.isWord('WHEN'));
    const otherwise = this.takeWord('ELSE') ? this.expression() : undefined;
    this.expectWord('END');
    return { kind: 'case', subject, branches, otherwise };
  }

  #call(written: string, position: number): Expression {
    const name = written.toLowerCase();
    if (name === 'cast') return this.#cast();
    const known = functionNamed(name);
    if (known === undefined) throw new SqlError(`The function ${written} is not known`, position);
    const wholePayload = name === 'encode' && this.takeSymbol('*');
    if (wholePayload && !this.isSymbol(')')) this.expectSymbol(',');
    const values = this.#list(')', () => this.expression());
    const [least, most] = known.arguments;
    const count = values.length + (wholePayload ? 1 : 0);
    if (count < least || count > most) throw new SqlError(`${written} does not take ${count} arguments`, position);
    if (name === 'encode' || name === 'decode') requireBase64(written, values.at(-1), position);
    if (name.startsWith('regexp_')) requirePattern(written, values[1], position);
    return wholePayload ? { kind: 'encoded-payload' } : { kind: 'call', function: known, arguments: values };
  }

  #cast(): Expression {
    const operand = this.expression();
    this.expectWord('AS');
    const { position } = this.next;
    const written = this.word('a type');
    const type = castTypes.get(written.toLowerCase());
    if (type === undefined) throw new SqlError(`The type ${written} is not known`, position);
    this.expectSymbol(')');
    return { kind: 'cast', operand, type };
  }

  #list<T>(end: string, element: () => T): T[] {
    if (this.takeSymbol(end)) return [];
    const elements = [element()];
    while (this.takeSymbol(',')) elements.push(element());
    this.expectSymbol(end);
    return elements;
  }
}

function requireBase64(name: string, scheme: Expression | undefined, position: number): void {
  if (scheme?.kind === 'literal' && scheme.value === 'base64') return;
  throw new SqlError(`${name} knows only the scheme 'base64'`, position);
}

/** A pattern that is written in the rule is checked when the rule is made, not at each message. */
function requirePattern(name: string, pattern: Expression | undefined, position: number): void {
  if (pattern?.kind !== 'literal' || javaPattern(String(pattern.value)) !== undefined) return;
  throw new SqlError(`${name}: the regular expression ${String(pattern.value)} is not understood`, position);
}
