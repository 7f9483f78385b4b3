import { pageStyle } from './reference-style.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The API's reference, from its OpenAPI document: one page of HTML without scripts, fonts or anything else
 * from elsewhere, so that it can be read wherever the API runs.
 */
export function referencePage(document: unknown): string {
  const api = object(document);
  const info = object(api['info']);
  const operations = operationsOf(api);
  const tags = list(api['tags']).map(object);
  const groups = tags.map((tag) => ({
    tag,
    own: operations.filter(({ operation }) => list(operation['tags']).includes(tag['name'])),
  }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(info['title'])} API</title>
<style>${pageStyle}</style>
</head>
<body>
<nav aria-label="Contents">
<p class="name"><a href="#top">${text(info['title'])}</a></p>
${groups.map(({ tag, own }) => contents(tag, own)).join('')}
<p class="group"><a href="#schemas">Schemas</a></p>
</nav>
<main id="top">
<h1>${text(info['title'])} API</h1>
${paragraphs(info['description'])}
<p><a href="/openapi.json">openapi.json</a> has the same for programs.</p>
${groups.map(({ tag, own }) => group(tag, own)).join('')}
<h2 id="schemas">Schemas</h2>
${Object.entries(object(object(api['components'])['schemas']))
  .map(schemaEntry)
  .join('')}
</main>
</body>
</html>
`;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operation: Json;
}

function operationsOf(api: Json): readonly Operation[] {
  return Object.entries(object(api['paths'])).flatMap(([path, methods]) =>
    Object.entries(object(methods)).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation: object(operation),
    })),
  );
}

function contents(tag: Json, own: readonly Operation[]): string {
  const entries = own.map(({ method, operation }) => {
    const target = `#${text(operation['operationId'])}`;
    return `<li><a href="${target}"><span class="${method.toLowerCase()}">${method}</span> ${text(operation['summary'])}</a></li>`;
  });
  return `<p class="group">${text(tag['name'])}</p><ul>${entries.join('')}</ul>`;
}

function group(tag: Json, own: readonly Operation[]): string {
  return `<h2>${text(tag['name'])}</h2>${paragraphs(tag['description'])}${own.map(section).join('')}`;
}

function section({ method, path, operation }: Operation): string {
  return `<section id="${text(operation['operationId'])}">
<h3>${text(operation['summary'])}</h3>
<p class="route"><b class="${method.toLowerCase()}">${method}</b> <code>${text(path)}</code></p>
${paragraphs(operation['description'])}
${parameters(list(operation['parameters']).map(object))}
${requestBody(object(operation['requestBody']))}
${responses(object(operation['responses']))}
</section>
`;
}

function parameters(all: readonly Json[]): string {
  if (all.length === 0) return '';
  const rows = all.map((parameter) => {
    const required = parameter['required'] === true ? ' <em>required</em>' : '';
    return `<tr><td><code>${text(parameter['name'])}</code><br><small>${text(parameter['in'])}${required}</small></td><td>${typeOf(parameter['schema'])}</td><td>${inline(parameter['description'])}</td></tr>`;
  });
  return `<h4>Parameters</h4><table>${rows.join('')}</table>`;
}

function requestBody(body: Json): string {
  const [entry] = Object.entries(object(body['content']));
  if (entry === undefined) return '';
  const [mediaType, content] = entry;
  const { schema, examples } = object(content);
  const shown = Object.entries(object(examples)).map(([name, example]) => code(object(example)['value'], name));
  return `<h4>Body <small>${text(mediaType)}</small></h4><p>${typeOf(schema)}</p>${shown.join('')}`;
}

function responses(all: Json): string {
  const entries = Object.entries(all).map(([status, value]) => [status, object(value)] as const);
  const good = entries
    .filter(([status]) => status.startsWith('2'))
    .map(([status, response]) => goodResponse(status, response));
  const bad = entries
    .filter(([status]) => !status.startsWith('2'))
    .map(
      ([status, response]) =>
        `<tr><td><b class="bad">${text(status)}</b></td><td>${inline(response['description'])}</td></tr>`,
    );
  return `<h4>Answers</h4>${good.join('')}<table>${bad.join('')}</table>`;
}

function goodResponse(status: string, response: Json): string {
  const content = object(object(response['content'])['application/json']);
  const headers = Object.entries(object(response['headers'])).map(
    ([name, header]) => `<p><code>${text(name)}</code> ${inline(object(header)['description'])}</p>`,
  );
  return `<p><b class="good">${text(status)}</b> ${inline(response['description'])} ${typeOf(content['schema'])}</p>${headers.join('')}${code(content['example'])}`;
}

function schemaEntry([name, schema]: readonly [string, unknown]): string {
  return `<section id="schema-${text(name)}"><h3>${text(name)}</h3>${inline(object(schema)['description'])}${properties(object(schema))}</section>`;
}

function properties(schema: Json): string {
  const alternatives = [...list(schema['oneOf']), ...list(schema['anyOf'])].map(object);
  if (alternatives.length > 0)
    return alternatives.map((one) => `<p>${inline(one['description'])}</p>${properties(one)}`).join('');
  const required = list(schema['required']);
  const rows = Object.entries(object(schema['properties'])).map(([name, property]) => {
    const mark = required.includes(name) ? '<br><small><em>always</em></small>' : '';
    return `<tr><td><code>${text(name)}</code>${mark}</td><td>${typeOf(property)}</td><td>${inline(object(property)['description'])}</td></tr>`;
  });
  return rows.length === 0 ? '' : `<table>${rows.join('')}</table>`;
}

/** A type in a few words, with its bounds. */
function typeOf(value: unknown): string {
  const schema = object(value);
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = text(reference.split('/').at(-1));
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (schema['const'] !== undefined) return `<code>${text(JSON.stringify(schema['const']))}</code>`;
  const choices = list(schema['enum']);
  if (choices.length > 0) return choices.map((choice) => `<code>${text(choice)}</code>`).join(' ');
  const alternatives = [...list(schema['anyOf']), ...list(schema['oneOf'])];
  if (alternatives.length > 0) return alternatives.map(typeOf).join(' or ');
  if (schema['type'] === 'array') return `list of ${typeOf(schema['items'])}`;
  return [text(schema['format'] ?? schema['type'] ?? 'any'), ...bounds(schema)].join(', ');
}

function bounds(schema: Json): string[] {
  const length = range(schema['minLength'], schema['maxLength']);
  const said = [
    range(schema['minimum'], schema['maximum']),
    length === '' ? '' : `${length} characters`,
    schema['default'] === undefined ? '' : `normally ${text(schema['default'])}`,
  ].filter((part) => part !== '');
  return typeof schema['pattern'] === 'string'
    ? [...said, `<code class="pattern">${text(schema['pattern'])}</code>`]
    : said;
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

function code(value: unknown, caption?: string): string {
  if (value === undefined) return '';
  const title = caption === undefined ? '' : `<figcaption>${text(caption)}</figcaption>`;
  return `<figure>${title}<pre><code>${text(JSON.stringify(value, null, 2))}</code></pre></figure>`;
}

function paragraphs(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value
    .split('\n\n')
    .map((paragraph) => `<p>${inline(paragraph)}</p>`)
    .join('');
}

/** Backquotes are the only mark-up that our descriptions use. */
function inline(value: unknown): string {
  return text(value ?? '').replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function text(value: unknown): string {
  return String(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
