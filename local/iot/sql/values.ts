export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * A value of the rules engine. `undefined` is its Undefined, `null` its Null. A number without a fraction
 * is an Int, any other a Decimal: in SQL version 2016-03-23 `10.0` is the Int 10.
 */
export type Value = Json | undefined;

export function isArray(value: Value): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Value): value is JsonObject {
  return typeof value === 'object' && value !== null && !isArray(value);
}

export function memberOf(value: Value, name: string): Value {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

const decimalText = /^-?\d+(\.\d+)?(e-?\d+)?$/i;

/** The standard conversion to Decimal, of the operands of arithmetic and comparison. */
export function toDecimal(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && decimalText.test(value)) return finite(Number(value));
  return undefined;
}

/** An index or count among a function's arguments: fractions are cut off, as the documented examples do. */
export function toInt(value: Value): number | undefined {
  const decimal = toDecimal(value);
  return decimal === undefined ? undefined : Math.trunc(decimal);
}

/** The standard conversion to Boolean. */
export function toBoolean(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  const lowered = value.toLowerCase();
  if (lowered === 'true') return true;
  return lowered === 'false' ? false : undefined;
}

/** The standard conversion to String. Null has none. */
export function toText(value: Value): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Undefined for what a JSON number cannot be: NaN and the infinities. */
export function finite(value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  return value === 0 ? 0 : value; // there is no -0 in JSON
}

/** Whether two values of the same type are the same; undefined when they have different types. */
export function sameValue(left: Json, right: Json): boolean | undefined {
  if (isArray(left) && isArray(right)) {
    return (
      left.length === right.length && left.every((element, index) => sameValue(element, right[index] ?? null) === true)
    );
  }
  if (isObject(left) && isObject(right)) {
    const keys = Object.keys(left);
    if (keys.length !== Object.keys(right).length) return false;
    return keys.every((key) => {
      const other = memberOf(right, key);
      return other !== undefined && sameValue(left[key] ?? null, other) === true;
    });
  }
  if (typeof left !== typeof right || isArray(left) !== isArray(right) || (left === null) !== (right === null)) {
    return undefined;
  }
  return left === right;
}
