import { isArray, isObject, type Json, type JsonObject } from '#local/iot/shadows/json.ts';
import { argumentInvalid } from './hub-error.ts';

export type SectionName = 'tags' | 'desired' | 'reported';

/** Source: "Understand and use device twins in IoT Hub", tags and properties format, device twin size. */
const mostBytes: Readonly<Record<SectionName, number>> = { tags: 8 * 1024, desired: 32 * 1024, reported: 32 * 1024 };
const mostKeyBytes = 1024;
const mostTextBytes = 4096;
const mostDepth = 10;
const greatestWhole = 4_503_599_627_370_495;
// Control characters (C0 and C1), and what the query language needs for itself.
const forbidden = /[\p{Cc}.$ ]/u;

/** @throws HubError ArgumentInvalid: a key, a value or the depth is not acceptable */
export function checkPatch(section: SectionName, patch: JsonObject): void {
  checkMembers(section, patch, 0);
}

/** @throws HubError ArgumentInvalid: the section would be too large with the patch in it */
export function checkSize(section: SectionName, merged: JsonObject): void {
  const [bytes, most] = [sizeOf(merged), mostBytes[section]];
  if (bytes <= most) return;
  throw argumentInvalid(`Twin ${section} size exceeds the limit of ${most} bytes: ${bytes} bytes`);
}

/** Keys and values alone: a text and a key its bytes in UTF-8, a number 8, a truth value 4. */
function sizeOf(value: Json): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return 8;
  if (typeof value === 'boolean') return 4;
  if (isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce((sum, [key, item]) => sum + Buffer.byteLength(key) + sizeOf(item), 0);
}

function checkMembers(path: string, object: JsonObject, depth: number): void {
  for (const [key, value] of Object.entries(object)) {
    if (forbidden.test(key) || key === '') {
      throw argumentInvalid(`Property name '${key}' in ${path} contains control characters, '.', '$' or a space`);
    }
    if (Buffer.byteLength(key) > mostKeyBytes)
      throw argumentInvalid(`A property name in ${path} exceeds ${mostKeyBytes} bytes`);
    checkValue(`${path}.${key}`, value, depth);
  }
}

function checkValue(path: string, value: Json, depth: number): void {
  if (typeof value === 'string' && Buffer.byteLength(value) > mostTextBytes) {
    throw argumentInvalid(`The value of ${path} exceeds ${mostTextBytes} bytes`);
  }
  if (Number.isInteger(value) && (Number(value) > greatestWhole || Number(value) < -greatestWhole - 1)) {
    throw argumentInvalid(`The value of ${path} is beyond the whole numbers of twins`);
  }
  if (!isObject(value) && !isArray(value)) return;
  if (depth + 1 > mostDepth) throw argumentInvalid(`The depth of ${path} exceeds the limit of ${mostDepth}`);
  if (isObject(value)) checkMembers(path, value, depth + 1);
  else for (const [index, item] of value.entries()) checkItem(`${path}[${index}]`, item, depth + 1);
}

function checkItem(path: string, item: Json, depth: number): void {
  if (item === null) throw argumentInvalid(`${path} is null, and arrays hold none`);
  checkValue(path, item, depth);
}
