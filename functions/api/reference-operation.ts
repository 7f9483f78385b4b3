import { curlOf, scopeBadges } from './reference-curl.ts';
import { problemsOf } from './reference-problems.ts';
import { typeOf } from './reference-schema.ts';
import { code, inline, type Json, list, object, paragraphs, text } from './reference-text.ts';

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operation: Json;
}

export function operationSection({ method, path, operation }: Operation, commonProblems: readonly string[]): string {
  return `<section id="${text(operation['operationId'])}">
<h3>${text(operation['summary'])}</h3>
<p class="route"><span><b class="${method.toLowerCase()}">${method}</b> <code>${text(path)}</code></span> ${scopeBadges(operation)}</p>
${paragraphs(operation['description'])}
${curlOf(method, path, operation)}
${parameters(list(operation['parameters']).map(object))}
${requestBody(object(operation['requestBody']))}
<h4>Answers</h4>
${goodResponses(object(operation['responses']))}
${problemsOf(operation, commonProblems)}
</section>
`;
}

function parameters(all: readonly Json[]): string {
  if (all.length === 0) return '';
  const rows = all.map((parameter) => {
    const required = parameter['required'] === true ? ', required' : '';
    return `<tr><td><code>${text(parameter['name'])}</code><br><small>${text(parameter['in'])}${required}</small></td><td>${typeOf(parameter['schema'])}</td><td>${inline(parameter['description'])}</td></tr>`;
  });
  return `<h4>Parameters</h4><table>${rows.join('')}</table>`;
}

function requestBody(body: Json): string {
  const types = Object.entries(object(body['content']));
  const [entry] = types;
  if (entry === undefined) return '';
  const { schema, examples } = object(entry[1]);
  // The first one stands in the line for the shell.
  const shown = Object.entries(object(examples))
    .slice(1)
    .map(([name, example]) => code(object(example)['value'], name));
  const mediaTypes = types.map(([type]) => `<code>${text(type)}</code>`).join(' or ');
  return `<h4>Body</h4><p>${typeOf(schema)} <small>as ${mediaTypes}</small></p>${shown.join('')}`;
}

function goodResponses(all: Json): string {
  return Object.entries(all)
    .filter(([status]) => status.startsWith('2'))
    .map(([status, response]) => goodResponse(status, object(response)))
    .join('');
}

function goodResponse(status: string, response: Json): string {
  const content = object(Object.values(object(response['content']))[0]);
  // Those that every answer has are explained once, on top.
  const own = Object.entries(object(response['headers'])).filter(([, header]) => object(header)['$ref'] === undefined);
  const headers = own.map(
    ([name, header]) => `<p><code>${text(name)}</code>: ${inline(object(header)['description'])}</p>`,
  );
  return `<p><b class="good">${text(status)}</b> ${inline(response['description'])}: ${typeOf(content['schema'])}</p>${headers.join('')}${code(content['example'])}`;
}
