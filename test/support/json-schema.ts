import { isDeepStrictEqual } from 'node:util';

type Schema = Readonly<Record<string, unknown>>;

/** What says nothing of the value; `additionalItems` where `items` is one schema for all, as everywhere here. */
const notes = ['$schema', '$id', 'title', 'description', 'errorMessage', 'then', 'additionalItems'];

/**
 * Everything that contradicts a JSON Schema (draft 7), as far as public schemas that we are held to use it.
 *
 * @throws Error for a keyword or a format that is not judged here
 */
export function schemaFaults(schema: unknown, value: unknown, path = ''): string[] {
  if (!isRecord(schema)) throw new Error(`${path}: no schema`);
  return Object.entries(schema).flatMap(([keyword, rule]) => {
    if (notes.includes(keyword)) return [];
    const judge = judges[keyword];
    if (judge === undefined) throw new Error(`${path}: the keyword ${keyword} is not judged`);
    return judge(rule, value, path, schema);
  });
}

type Judge = (rule: unknown, value: unknown, path: string, schema: Schema) => string[];

function wanted(holds: boolean, path: string, what: string): string[] {
  return holds ? [] : [`${path || '/'}: ${what}`];
}

const fits = (schema: unknown, value: unknown) => schemaFaults(schema, value).length === 0;

const judges: Readonly<Record<string, Judge>> = {
  type: (rule, value, path) => wanted(isOfType(value, rule), path, `is no ${rule}`),
  const: (rule, value, path) => wanted(isDeepStrictEqual(rule, value), path, `is not ${rule}`),
  enum: (rule, value, path) => wanted(listOf(rule).includes(value), path, `${value} is none of the enumeration`),
  pattern: (rule, value, path) =>
    wanted(typeof value !== 'string' || new RegExp(String(rule), 'u').test(value), path, `does not match ${rule}`),
  format: (rule, value, path) => wanted(typeof value !== 'string' || isOfFormat(value, rule), path, `is no ${rule}`),
  minimum: (rule, value, path) => wanted(typeof value !== 'number' || value >= Number(rule), path, `below ${rule}`),
  maximum: (rule, value, path) => wanted(typeof value !== 'number' || value <= Number(rule), path, `above ${rule}`),
  minItems: (rule, value, path) =>
    wanted(!Array.isArray(value) || value.length >= Number(rule), path, `fewer than ${rule}`),
  required: (rule, value, path) =>
    listOf(rule).flatMap((name) => wanted(!isRecord(value) || Object.hasOwn(value, String(name)), path, `no ${name}`)),
  properties: (rule, value, path) =>
    isRecord(value) && isRecord(rule)
      ? Object.entries(rule).flatMap(([name, its]) =>
          Object.hasOwn(value, name) ? schemaFaults(its, value[name], `${path}/${name}`) : [],
        )
      : [],
  additionalProperties(rule, value, path, { properties }) {
    if (rule !== false) throw new Error(`${path}: additionalProperties that are a schema are not judged`);
    const known = isRecord(properties) ? properties : {};
    const names = isRecord(value) ? Object.keys(value) : [];
    return names.flatMap((name) => wanted(Object.hasOwn(known, name), path, `${name} is unknown`));
  },
  dependencies: (rule, value, path) =>
    isRecord(value) && isRecord(rule)
      ? Object.entries(rule).flatMap(([name, names]) =>
          Object.hasOwn(value, name) ? (judges['required']?.(names, value, path, {}) ?? []) : [],
        )
      : [],
  items: (rule, value, path) =>
    Array.isArray(value) ? value.flatMap((item, index) => schemaFaults(rule, item, `${path}/${index}`)) : [],
  contains: (rule, value, path) =>
    wanted(!Array.isArray(value) || value.some((item) => fits(rule, item)), path, 'contains none'),
  allOf: (rule, value, path) => listOf(rule).flatMap((one) => schemaFaults(one, value, path)),
  anyOf: (rule, value, path) =>
    wanted(
      listOf(rule).some((one) => fits(one, value)),
      path,
      'fits none of anyOf',
    ),
  oneOf: (rule, value, path) =>
    wanted(listOf(rule).filter((one) => fits(one, value)).length === 1, path, 'fits not one of oneOf'),
  not: (rule, value, path) => wanted(!fits(rule, value), path, 'is what it must not be'),
  if: (rule, value, path, schema) => (fits(rule, value) ? schemaFaults(schema['then'] ?? {}, value, path) : []),
};

function isOfType(value: unknown, type: unknown): boolean {
  if (Array.isArray(type)) return type.some((one) => isOfType(value, one));
  switch (type) {
    case 'object':
      return isRecord(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
    default:
      throw new Error(`The type ${type} is not judged`);
  }
}

function isOfFormat(text: string, format: unknown): boolean {
  switch (format) {
    case 'date-time':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(text);
    case 'uri':
      return URL.canParse(text);
    case 'email':
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
    default:
      throw new Error(`The format ${format} is not judged`);
  }
}

function isRecord(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
