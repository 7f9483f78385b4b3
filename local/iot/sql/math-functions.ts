import { calculate } from './operators.ts';
import type { SqlFunction } from './sql-function.ts';
import { finite, toDecimal, type Value } from './values.ts';

/** A function of numbers: any argument that is no number, and any result that is none, is Undefined. */
function ofNumbers(count: number, compute: (...numbers: number[]) => number): SqlFunction {
  return {
    arguments: [count, count],
    call: (values) => {
      const numbers = values.map(toDecimal).filter((number) => number !== undefined);
      return numbers.length === count ? finite(compute(...numbers)) : undefined;
    },
  };
}

/** Ints of any length, rounded down first. */
function ofBits(count: number, compute: (...bits: bigint[]) => bigint): SqlFunction {
  return ofNumbers(count, (...numbers) => Number(compute(...numbers.map((number) => BigInt(Math.floor(number))))));
}

const one = (compute: (x: number) => number) => ofNumbers(1, (x = Number.NaN) => compute(x));
const two = (compute: (x: number, y: number) => number) =>
  ofNumbers(2, (x = Number.NaN, y = Number.NaN) => compute(x, y));

const remainder: SqlFunction = { arguments: [2, 2], call: ([x, y]) => calculate('%', x, y) };

export const mathFunctions: Readonly<Record<string, SqlFunction>> = {
  abs: one(Math.abs),
  acos: one(Math.acos),
  asin: one(Math.asin),
  atan: one(Math.atan),
  atan2: two(Math.atan2),
  bitand: ofBits(2, (x = 0n, y = 0n) => x & y),
  bitnot: ofBits(1, (x = 0n) => ~x),
  bitor: ofBits(2, (x = 0n, y = 0n) => x | y),
  bitxor: ofBits(2, (x = 0n, y = 0n) => x ^ y),
  ceil: one(Math.ceil),
  cos: one(Math.cos),
  cosh: one(Math.cosh),
  exp: one(Math.exp),
  floor: one(Math.floor),
  ln: one(Math.log),
  log: one(Math.log10),
  mod: remainder,
  power: two((x, y) => x ** y),
  rand: { arguments: [0, 0], call: () => Math.random() },
  remainder,
  // A half is rounded away from zero: round(-1.5) is -2.
  round: one((x) => Math.sign(x) * Math.round(Math.abs(x))),
  sign: one(Math.sign),
  sin: one(Math.sin),
  sinh: one(Math.sinh),
  sqrt: one(Math.sqrt),
  tan: one(Math.tan),
  tanh: one(Math.tanh),
  trunc: { arguments: [1, 2], call: ([x, places]) => truncate(x, places ?? 0) },
};

/** Cuts in the decimal notation: 2.888 to two places is 2.88, not what binary multiplication makes of it. */
function truncate(value: Value, places: Value): number | undefined {
  const number = toDecimal(value);
  const digits = toDecimal(places);
  if (number === undefined || digits === undefined || digits < 0 || digits > 34) return undefined;
  const [mantissa = '', exponent = '0'] = String(number).split('e');
  const shifted = Number(`${mantissa}e${Number(exponent) + Math.floor(digits)}`);
  const [cut = '', rest = '0'] = String(Math.trunc(shifted)).split('e');
  return finite(Number(`${cut}e${Number(rest) - Math.floor(digits)}`));
}
