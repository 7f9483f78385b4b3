import { isObject, type Json, type JsonObject, member } from '#local/iot/shadows/json.ts';
import type { Arithmetic, Comparison, Expression } from './syntax.ts';

/** Undefined is what a row does not have, and what follows from it: such a row is not found, nor by its negation. */
export function evaluate(expression: Expression, row: JsonObject): Json | undefined {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'path':
      return valueAt(row, expression.path);
    case 'isDefined':
      return valueAt(row, expression.path) !== undefined;
    case 'not': {
      const inner = evaluate(expression.inner, row);
      return typeof inner === 'boolean' ? !inner : undefined;
    }
    case 'and':
      return both(evaluate(expression.left, row), () => evaluate(expression.right, row));
    case 'or':
      return either(evaluate(expression.left, row), () => evaluate(expression.right, row));
    case 'in': {
      const value = evaluate(expression.value, row);
      if (!isPrimitive(value)) return undefined;
      return expression.list.includes(value) !== expression.negated;
    }
    case 'compare':
      return compared(expression.by, evaluate(expression.left, row), evaluate(expression.right, row));
    case 'arithmetic':
      return calculated(expression.by, evaluate(expression.left, row), evaluate(expression.right, row));
  }
}

/** Members of the twin itself are found whatever their case is; those of its settings exactly as written. */
export function valueAt(row: JsonObject, [first = '', ...rest]: readonly string[]): Json | undefined {
  const name = Object.keys(row).find((key) => key.toLowerCase() === first.toLowerCase()) ?? first;
  let value = member(row, name);
  for (const key of rest) value = isObject(value) ? member(value, key) : undefined;
  return value;
}

type Primitive = string | number | boolean | null;

function isPrimitive(value: Json | undefined): value is Primitive {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function both(left: Json | undefined, right: () => Json | undefined): boolean | undefined {
  if (left === false) return false;
  const other = right();
  if (other === false) return false;
  return left === true && other === true ? true : undefined;
}

function either(left: Json | undefined, right: () => Json | undefined): boolean | undefined {
  if (left === true) return true;
  const other = right();
  if (other === true) return true;
  return left === false && other === false ? false : undefined;
}

function compared(by: Comparison, left: Json | undefined, right: Json | undefined): boolean | undefined {
  if (!isPrimitive(left) || !isPrimitive(right)) return undefined;
  if (by === '=') return left === right;
  if (by === '!=') return left !== right;
  const comparable =
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string');
  if (!comparable) return undefined;
  switch (by) {
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '<=':
      return left <= right;
    case '>=':
      return left >= right;
  }
}

function calculated(by: Arithmetic, left: Json | undefined, right: Json | undefined): number | undefined {
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  switch (by) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? undefined : left / right;
    case '%':
      return right === 0 ? undefined : left % right;
  }
}
