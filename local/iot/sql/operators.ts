import type { BinaryOperator, CastType } from './syntax.ts';
import { finite, isArray, isObject, sameValue, toBoolean, toDecimal, toText, type Value } from './values.ts';

export function applyOperator(operator: BinaryOperator, left: Value, right: Value): Value {
  switch (operator) {
    case 'AND':
    case 'OR': {
      const [one, other] = [toBoolean(left), toBoolean(right)];
      if (one === undefined || other === undefined) return undefined;
      return operator === 'AND' ? one && other : one || other;
    }
    case '=':
    case '<>': {
      if (left === undefined || right === undefined) return undefined;
      const same = sameValue(left, right) ?? false;
      return operator === '=' ? same : !same;
    }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(operator, toDecimal(left), toDecimal(right));
    case '+':
      return add(left, right);
    default:
      return calculate(operator, left, right);
  }
}

function compare(
  operator: '<' | '<=' | '>' | '>=',
  left: number | undefined,
  right: number | undefined,
): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

/** Beside a String, `+` is concatenation. */
function add(left: Value, right: Value): Value {
  if (typeof left === 'number' && typeof right === 'number') return finite(left + right);
  if (typeof left !== 'string' && typeof right !== 'string') return undefined;
  const [one, other] = [toText(left), toText(right)];
  return one === undefined || other === undefined ? undefined : one + other;
}

/** Ints give an Int (7 / 2 = 3); a String is a Decimal, whatever stands in it. */
export function calculate(operator: '-' | '*' | '/' | '%', left: Value, right: Value): number | undefined {
  const [one, other] = [toDecimal(left), toDecimal(right)];
  if (one === undefined || other === undefined) return undefined;
  switch (operator) {
    case '-':
      return finite(one - other);
    case '*':
      return finite(one * other);
    case '/': {
      const ints = Number.isInteger(left) && Number.isInteger(right);
      return finite(ints ? Math.trunc(one / other) : one / other);
    }
    case '%':
      return finite(one % other);
  }
}

export function castValue(type: CastType, value: Value): Value {
  if (value === undefined || value === null || isArray(value) || isObject(value)) {
    return type === 'string' ? toText(value) : undefined;
  }
  switch (type) {
    case 'string':
      return toText(value);
    case 'boolean':
      return typeof value === 'number' ? value !== 0 : toBoolean(value);
    case 'decimal':
      return typeof value === 'boolean' ? Number(value) : toDecimal(value);
    case 'int': {
      const decimal = typeof value === 'boolean' ? Number(value) : toDecimal(value);
      return decimal === undefined ? undefined : Math.floor(decimal);
    }
  }
}
