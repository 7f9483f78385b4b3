import { applyOperator, calculate, castValue } from './operators.ts';
import type { RuleMessage } from './sql-function.ts';
import type { Expression, SelectedItem, Selection, Where } from './syntax.ts';
import { isArray, isObject, type Json, type JsonObject, memberOf, toBoolean, type Value } from './values.ts';

/** What an expression is evaluated over. */
export interface Scope {
  readonly message: RuleMessage;
  /** What fields are looked up in: the payload, or the element of a subselect. */
  readonly row: () => Value;
}

export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'field':
      return memberOf(scope.row(), expression.name);
    case 'member':
      return memberOf(evaluate(expression.of, scope), expression.name);
    case 'object':
      return objectOf(expression.members, scope);
    case 'array':
      return defined(expression.elements.map((element) => evaluate(element, scope)));
    case 'not': {
      const operand = toBoolean(evaluate(expression.operand, scope));
      return operand === undefined ? undefined : !operand;
    }
    case 'negative':
      return calculate('-', 0, evaluate(expression.operand, scope));
    case 'binary':
      return applyOperator(expression.operator, evaluate(expression.left, scope), evaluate(expression.right, scope));
    case 'call': {
      const values = expression.arguments.map((argument) => evaluate(argument, scope));
      return expression.function.call(values, scope.message);
    }
    case 'cast':
      return castValue(expression.type, evaluate(expression.operand, scope));
    case 'encoded-payload':
      return scope.message.payload.toString('base64');
    case 'case':
      return chosen(expression, scope);
    case 'subselect':
      return subselect(expression, scope);
  }
}

/** A rule fires on true alone; Undefined is not false, but it does not fire either. */
export function holds(where: Where, scope: Scope): boolean {
  return where === undefined || toBoolean(evaluate(where, scope)) === true;
}

/** What a SELECT makes of one row. Undefined members are left out, Null members stay. */
export function select(selection: Selection, scope: Scope): Value {
  if (selection.kind === 'value') return evaluate(selection.value, scope);
  if (selection.everything && selection.items.length === 0) return scope.row();
  const row = selection.everything ? scope.row() : undefined;
  return selectItems(selection.items, isObject(row) ? row : {}, scope);
}

function selectItems(items: readonly SelectedItem[], start: JsonObject, scope: Scope): JsonObject {
  let output = start;
  for (const { expression, name } of items) {
    const value = evaluate(expression, scope);
    if (value !== undefined) output = withMember(output, name, value);
  }
  return output;
}

/** `AS a.b` puts the value into the object `a`, beside what is there. */
function withMember(object: JsonObject, [name = '', ...rest]: readonly string[], value: Json): JsonObject {
  if (rest.length === 0) return { ...object, [name]: value };
  const inner = memberOf(object, name);
  return { ...object, [name]: withMember(isObject(inner) ? inner : {}, rest, value) };
}

function objectOf(members: readonly (readonly [string, Expression])[], scope: Scope): JsonObject {
  const entries: [string, Json][] = [];
  for (const [key, expression] of members) {
    const value = evaluate(expression, scope);
    if (value !== undefined) entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

function chosen({ subject, branches, otherwise }: Expression & { kind: 'case' }, scope: Scope): Value {
  const value = evaluate(subject, scope);
  if (value === undefined) return undefined;
  for (const { when, result } of branches) {
    if (applyOperator('=', value, evaluate(when, scope)) === true) return evaluate(result, scope);
  }
  return otherwise === undefined ? undefined : evaluate(otherwise, scope);
}

function subselect({ select: selection, from, where }: Expression & { kind: 'subselect' }, scope: Scope): Value {
  const rows = evaluate(from, scope);
  if (!isArray(rows)) return undefined;
  const scopes = rows.map((row) => ({ message: scope.message, row: () => row }));
  return defined(scopes.filter((inner) => holds(where, inner)).map((inner) => select(selection, inner)));
}

/** JSON has no Undefined: an array is made of the values that there are. */
function defined(values: readonly Value[]): Json[] {
  return values.filter((value) => value !== undefined);
}
