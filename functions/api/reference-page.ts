import { firstCall } from './reference-curl.ts';
import { type Operation, operationSection } from './reference-operation.ts';
import { commonCodes, problemSection } from './reference-problems.ts';
import { schemaEntry } from './reference-schema.ts';
import { pageStyle } from './reference-style.ts';
import { type Json, list, object, paragraphs, text } from './reference-text.ts';

/**
 * The API's reference, from its OpenAPI document: one page of HTML without scripts, fonts or anything else
 * from elsewhere, so that it can be read wherever the API runs.
 *
 * @param origin where the reader found it: the examples call the API there
 */
export function referencePage(document: unknown, origin: string): string {
  const api = object(document);
  const title = text(object(api['info'])['title']);
  const operations = operationsOf(api);
  const common = commonCodes(operations.map(({ operation }) => operation));
  const groups = list(api['tags']).map((tag) => groupOf(object(tag), operations));
  const contents = contentsOf(groups);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} API</title>
<style>${pageStyle}</style>
</head>
<body id="top">
<nav class="beside" aria-label="Contents">
<p class="name"><a href="#top">${title}</a></p>
${contents}
</nav>
<nav class="above" aria-label="Contents">
<details><summary><span class="name">${title}</span> Contents</summary>
${contents}
</details>
</nav>
<main>
<h1>${title} API</h1>
${paragraphs(object(api['info'])['description'])}
<p><a href="/openapi.json">openapi.json</a> has the same for programs.</p>
${firstCall(api, origin)}
${groups.map((group) => groupSection(group, common)).join('')}
${problemSection(api, common)}
<h2 id="schemas">Schemas</h2>
${Object.entries(object(object(api['components'])['schemas']))
  .map(schemaEntry)
  .join('')}
</main>
</body>
</html>
`;
}

interface Group {
  readonly tag: Json;
  readonly own: readonly Operation[];
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

function groupOf(tag: Json, operations: readonly Operation[]): Group {
  return { tag, own: operations.filter(({ operation }) => list(operation['tags']).includes(tag['name'])) };
}

/** Beside the text where there is room, folded above it where there is none: without a script it takes both. */
function contentsOf(groups: readonly Group[]): string {
  return `<p class="group"><a href="#first-call">First call</a></p>
${groups.map(groupContents).join('')}
<p class="group"><a href="#problems">Problems</a></p>
<p class="group"><a href="#schemas">Schemas</a></p>`;
}

function groupContents({ tag, own }: Group): string {
  const entries = own.map(({ method, operation }) => {
    const target = `#${text(operation['operationId'])}`;
    return `<li><a href="${target}"><span class="${method.toLowerCase()}">${method}</span> ${text(operation['summary'])}</a></li>`;
  });
  return `<p class="group">${text(tag['name'])}</p><ul>${entries.join('')}</ul>`;
}

function groupSection({ tag, own }: Group, common: readonly string[]): string {
  const sections = own.map((operation) => operationSection(operation, common));
  return `<h2>${text(tag['name'])}</h2>${paragraphs(tag['description'])}${sections.join('')}`;
}
