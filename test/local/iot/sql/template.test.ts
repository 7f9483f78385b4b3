// biome-ignore-all lint/suspicious/noTemplateCurlyInString: substitution templates are written like that.
import { expect, test } from 'vitest';
import { SqlError } from '#local/iot/sql/sql-error.ts';
import { compileTemplate } from '#local/iot/sql/template.ts';
import { message } from './message.ts';

test.each<[string, string | undefined]>([
  ['plain', 'plain'],
  ['', ''],
  ['$$aws/things/${topic(2)}/shadow/update', '$$aws/things/veh-1/shadow/update'],
  ['${color}-${n + 1}', 'red-3'],
  ["${get({'a': '}'}, 'a')}", '}'],
  ['${ object }', '{"a":1}'],
  ['${missing}', undefined],
  ['${nothing}', undefined],
  ['$ {x} }', '$ {x} }'],
])('%s is filled in as %j', (text, filled) => {
  const payload = { color: 'red', n: 2, object: { a: 1 }, nothing: null };
  expect(compileTemplate(text).fill(message(payload))).toBe(filled);
});

test.each(['${', '${topic(2)', '${foo()}', '${a b}', '${}'])('%s is refused', (text) => {
  expect(() => compileTemplate(text)).toThrow(SqlError);
});
