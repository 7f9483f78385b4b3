import { inline, type Json, lastPart, object, text } from './reference-text.ts';

/** Every code once: what happened, and what to do about it. */
export function problemSection(api: Json, common: readonly string[]): string {
  const components = object(api['components']);
  const rows = Object.entries(object(components['examples'])).map(([code, example]) => {
    const { summary, description, value } = object(example);
    const anywhere = common.includes(code) ? '<br><small>any operation</small>' : '';
    return `<tr id="problem-${text(code)}"><td><b class="bad">${text(object(value)['status'])}</b> <code>${text(code)}</code>${anywhere}</td><td>${inline(summary)}</td><td>${inline(description)}</td></tr>`;
  });
  const gateway = Object.entries(object(components['responses'])).map(
    ([status, response]) => `<li><b class="bad">${text(status)}</b> ${inline(object(response)['description'])}</li>`,
  );
  return `<h2 id="problems">Problems</h2>
<p>A problem (RFC 9457) comes as <code>application/problem+json</code>: <a href="#schema-Problem">Problem</a>. Its <code>type</code> is <code>/docs#problem-</code> and the code, and leads here; compare it as text. Where waiting helps, <code>Retry-After</code> says how long.</p>
<table class="problems"><thead><tr><th>Code</th><th>When</th><th>What to do</th></tr></thead><tbody>${rows.join('')}</tbody></table>
<p>What the API never sees has no code:</p><ul>${gateway.join('')}</ul>`;
}

/** The codes that each of these operations may answer with. */
export function commonCodes(operations: readonly Json[]): readonly string[] {
  const [first = [], ...others] = operations.map(codesOf);
  return first
    .filter(({ code }) => others.every((own) => own.some((other) => other.code === code)))
    .map(({ code }) => code);
}

/** What is particular to the operation, each with a link to what is said of it. */
export function problemsOf(operation: Json, common: readonly string[]): string {
  const own = codesOf(operation).filter(({ code }) => !common.includes(code));
  const statuses = [...new Set(own.map(({ status }) => status))].map((status) => {
    const links = own
      .filter((one) => one.status === status)
      .map(({ code }) => `<a href="#problem-${text(code)}">${text(code)}</a>`);
    return `<li><b class="bad">${text(status)}</b> <span>${links.join(', ')}</span></li>`;
  });
  return `<ul class="refusals">${statuses.join('')}<li>and what <a href="#problems">any operation</a> may answer</li></ul>`;
}

function codesOf(operation: Json): readonly { readonly status: string; readonly code: string }[] {
  return Object.entries(object(operation['responses'])).flatMap(([status, response]) => {
    const { examples } = object(object(object(response)['content'])['application/problem+json']);
    return Object.values(object(examples)).map((example) => ({ status, code: lastPart(object(example)['$ref']) }));
  });
}
