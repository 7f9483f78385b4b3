import { createHash } from 'node:crypto';
import { parseJson } from './payload.ts';
import type { SqlFunction } from './sql-function.ts';
import { isArray, isObject, type Json, memberOf, toInt, toText, type Value } from './values.ts';

/** Functions over collections, encodings, hashes and the absence of values. */
export const dataFunctions: Readonly<Record<string, SqlFunction>> = {
  get: { arguments: [2, 2], call: ([collection, key]) => get(collection, key) },
  concat: { arguments: [0, Number.POSITIVE_INFINITY], call: concat },
  isnull: { arguments: [1, 1], call: ([value]) => value === null },
  isundefined: { arguments: [1, 1], call: ([value]) => value === undefined },
  nanvl: { arguments: [2, 2], call: ([value, otherwise]) => value ?? otherwise },
  encode: { arguments: [2, 2], call: ([value]) => encode(toText(value)) },
  decode: { arguments: [2, 2], call: ([value]) => decode(value) },
  transform: { arguments: [3, 3], call: ([mode, object, array]) => transform(mode, object, array) },
  ...Object.fromEntries(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((name) => [name, hash(name)])),
};

function get(collection: Value, key: Value): Value {
  if (isObject(collection)) return typeof key === 'string' ? memberOf(collection, key) : undefined;
  const index = toInt(key);
  if (index === undefined || index < 0) return undefined;
  if (typeof collection === 'string' || isArray(collection)) return collection[index];
  return undefined;
}

/** Any Array makes an Array; else any String makes a String; a single argument stays what it is. */
function concat(values: readonly Value[]): Value {
  if (values.length < 2) return values[0];
  if (values.some(isArray)) {
    const elements: Json[] = [];
    for (const value of values) {
      if (value === undefined) return undefined;
      elements.push(...(isArray(value) ? value : [value]));
    }
    return elements;
  }
  if (!values.some((value) => typeof value === 'string')) return undefined;
  const texts = values.map(toText);
  return texts.includes(undefined) ? undefined : texts.join('');
}

function encode(text: string | undefined): Value {
  return text === undefined ? undefined : Buffer.from(text, 'utf8').toString('base64');
}

/** An object or array when the bytes are one in JSON, else a String; Null when they cannot be decoded. */
function decode(value: Value): Value {
  const text = toText(value);
  if (text === undefined) return undefined;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return null;
  const bytes = Buffer.from(text, 'base64');
  const json = parseJson(bytes);
  return isObject(json) || isArray(json) ? json : bytes.toString('utf8');
}

/** `transform('enrichArray', object, array)`: the members of the object are added to each element. */
function transform(mode: Value, object: Value, array: Value): Value {
  if (mode !== 'enrichArray' || !isObject(object) || !isArray(array)) return undefined;
  return array.map((element) => (isObject(element) ? { ...element, ...object } : element));
}

function hash(algorithm: string): SqlFunction {
  return {
    arguments: [1, 1],
    call: ([value]) => {
      const text = toText(value);
      return text === undefined ? undefined : createHash(algorithm).update(text, 'utf8').digest('hex');
    },
  };
}
