import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchRoute, routeKey } from '#local/http-api/route-table.ts';

const table = [
  '$default',
  'ANY /{proxy+}',
  'GET /pets/dog/1',
  'GET /pets/dog/{id}',
  'GET /pets/{proxy+}',
  'ANY /pets/dog/{id}',
  'POST /pets/{kind}/{id}',
  'ANY /inn',
  'ANY /inn/{proxy+}',
].map((key) => ({ route: routeKey(key) }));

const selections: readonly [method: string, path: string, key: string, parameters: object][] = [
  ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
  ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
  ['DELETE', '/pets/dog/2', 'ANY /pets/dog/{id}', { id: '2' }],
  ['POST', '/pets/dog/2', 'ANY /pets/dog/{id}', { id: '2' }],
  ['POST', '/pets/cat/2', 'POST /pets/{kind}/{id}', { kind: 'cat', id: '2' }],
  ['GET', '/pets/cat/1', 'GET /pets/{proxy+}', { proxy: 'cat/1' }],
  ['GET', '/pets', 'ANY /{proxy+}', { proxy: 'pets' }],
  ['GET', '/test/5', 'ANY /{proxy+}', { proxy: 'test/5' }],
  ['GET', '/inn', 'ANY /inn', {}],
  ['PUT', '/inn/rooms/7', 'ANY /inn/{proxy+}', { proxy: 'rooms/7' }],
  ['GET', '/inns', 'ANY /{proxy+}', { proxy: 'inns' }],
  ['GET', '/inn/', 'ANY /{proxy+}', { proxy: 'inn/' }],
  ['GET', '/', '$default', {}],
];

test.each(selections)('%s %s takes the route %s', (method, path, key, parameters) => {
  const match = matchRoute(table, method, path);
  expect(match?.route.route.key).toBe(key);
  expect(match?.pathParameters).toEqual(parameters);
});

test('without a fitting route there is none', () => {
  const routes = [{ route: routeKey('GET /x/{id}') }];
  for (const [method, path] of [
    ['POST', '/x/1'],
    ['GET', '/x'],
    ['GET', '/x/'],
    ['GET', '/x/1/2'],
    ['GET', '/X/1'],
  ] as const) {
    expect(matchRoute(routes, method, path)).toBeUndefined();
  }
});

test('the order of the template does not matter', () => {
  const method = fc.constantFrom('GET', 'POST', 'DELETE');
  const path = fc
    .array(fc.constantFrom('pets', 'dog', 'cat', 'inn', '1', ''), { maxLength: 4 })
    .map((all) => `/${all.join('/')}`);
  const order = fc.shuffledSubarray(table, { minLength: table.length });
  fc.assert(
    fc.property(order, method, path, (shuffled, verb, target) => {
      expect(matchRoute(shuffled, verb, target)).toEqual(matchRoute(table, verb, target));
    }),
  );
});

test.each(['GET', 'GET x', 'FETCH /x', 'GET /{a+}/b', 'GET /a{b}', 'GET /{}'])(
  'the key %s is not understood',
  (key) => {
    expect(() => routeKey(key)).toThrow(/RouteKey/);
  },
);
