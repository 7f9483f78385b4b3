import { inline, type Json, lastPart, list, object, text } from './reference-text.ts';

export function schemaEntry([name, value]: readonly [string, unknown]): string {
  const schema = object(value);
  const choices = list(schema['enum']);
  const content = choices.length > 0 ? `<p class="choices">${choices.map(choice).join(' ')}</p>` : members(schema);
  return `<section id="schema-${text(name)}"><h3>${text(name)}</h3><p>${inline(schema['description'])}</p>${content}</section>`;
}

function members(schema: Json): string {
  const alternatives = [...list(schema['oneOf']), ...list(schema['anyOf'])].map(object);
  if (alternatives.length > 0)
    return alternatives.map((one) => `<p>${inline(one['description'])}</p>${members(one)}`).join('');
  const required = list(schema['required']);
  const rows = Object.entries(object(schema['properties'])).map(([name, property]) => {
    const mark = required.includes(name) ? '<br><small>always</small>' : '';
    return `<tr><td><code>${text(name)}</code>${mark}</td><td>${typeOf(property)}</td><td>${inline(object(property)['description'])}</td></tr>`;
  });
  return rows.length === 0 ? '' : `<table>${rows.join('')}</table>`;
}

/** A type in a few words, with its bounds. */
export function typeOf(value: unknown): string {
  const schema = object(value);
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = text(lastPart(reference));
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (schema['const'] !== undefined) return choice(JSON.stringify(schema['const']));
  const choices = list(schema['enum']);
  if (choices.length > 0) return choices.map(choice).join(' or ');
  const alternatives = [...list(schema['anyOf']), ...list(schema['oneOf'])];
  if (alternatives.length > 0) return alternatives.map(typeOf).join(' or ');
  if (schema['type'] === 'array') return `list of ${typeOf(schema['items'])}`;
  const properties = Object.entries(object(schema['properties']));
  if (properties.length > 0) return `object with ${properties.map(member).join(', ')}`;
  return [text(schema['format'] ?? schema['type'] ?? 'any'), ...bounds(schema)].join(', ');
}

function member([name, property]: readonly [string, unknown]): string {
  const { type, $ref } = object(property);
  const named = `<code>${text(name)}</code>`;
  return type === 'array' || $ref !== undefined ? `${named} (${typeOf(property)})` : named;
}

function choice(value: unknown): string {
  return `<code>${text(value)}</code>`;
}

/** A value as one would write it. */
function said(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function bounds(schema: Json): string[] {
  const length = range(schema['minLength'], schema['maxLength']);
  const parts = [
    range(schema['minimum'], schema['maximum']),
    length === '' ? '' : `${length} characters`,
    schema['default'] === undefined ? '' : `normally ${text(said(schema['default']))}`,
  ].filter((part) => part !== '');
  return typeof schema['pattern'] === 'string'
    ? [...parts, `<code class="pattern">${text(schema['pattern'])}</code>`]
    : parts;
}

/** The whole numbers of JavaScript are no bound that anybody set. */
function range(least: unknown, most: unknown): string {
  const [from, to] = [least, most].map((bound) =>
    Math.abs(Number(bound)) < Number.MAX_SAFE_INTEGER ? bound : undefined,
  );
  if (from === undefined) return to === undefined ? '' : `at most ${text(to)}`;
  if (to === undefined) return `at least ${text(from)}`;
  return from === to ? text(from) : `${text(from)} to ${text(to)}`;
}
