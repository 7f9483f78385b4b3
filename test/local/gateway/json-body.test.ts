import { expect, test } from 'vitest';
import { errorForm } from '#local/gateway/answer.ts';
import { jsonOf } from '#local/gateway/json-body.ts';

test.each([
  ['<a/>', 'looks like XML'],
  ['aheadSeconds=3600', 'looks like a form'],
  ['', 'is empty'],
  ['{"aheadSeconds":', 'is not JSON.'],
])('the body %j is refused by what it looks like', (body, said) => {
  expect(() => jsonOf(Buffer.from(body))).toThrow(said);
});

test('the local cloud’s own services refuse in JSON, whatever media type curl gives a request', () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const path of ['/clock', '/faults', '/faults/fault-1']) expect(errorForm(headers, path)).toBe('rest-json');
  expect(errorForm(headers, '/')).toBe('query');
});
