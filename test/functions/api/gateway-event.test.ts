import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathOf, requestOf, resultOf } from '#functions/api/gateway-event.ts';
import { scopeNames, tokenScope } from '#shared/access/scopes.ts';
import { startTestApi, type TestApi } from './test-api.ts';

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** As API Gateway would hand it on, with the claims that its authorizer has verified. */
function eventOf({ method = 'GET', path = '/', query = '', headers = {}, ...rest }: Sent): APIGatewayProxyEventV2 {
  const claims = {
    client_id: 'operator',
    sub: 'operator',
    scope: scopeNames.map(tokenScope).join(' '),
    token_use: 'access',
  };
  const authorizer = { jwt: { claims, scopes: null } };
  const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: '' };
  const requestContext = {
    ...{ accountId: '000000000000', apiId: 'api', domainName: 'api.example', domainPrefix: 'api', authorizer, http },
    ...{ requestId: 'r', routeKey: 'ANY /{proxy+}', stage: '$default', time: '', timeEpoch: 0 },
  };
  return {
    ...{ version: '2.0', routeKey: 'ANY /{proxy+}', rawPath: path, rawQueryString: query },
    ...{ headers: { ...headers }, requestContext, isBase64Encoded: false, ...rest },
  };
}

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

async function send(sent: Sent) {
  const event = eventOf(sent);
  const lambdaContext = { awsRequestId: 'request-1' };
  const result = await resultOf(await api.app.fetch(requestOf(event), { event, lambdaContext }));
  const json = result.headers?.['content-type']?.toString().includes('json') === true;
  return { ...result, json: json && result.body !== '' ? JSON.parse(result.body ?? '') : undefined };
}

describe('the path is the one that API Gateway has matched', () => {
  test.each([
    '/v1/vehicles/../../openapi.json',
    '/v1/vehicles/../vehicles',
    '/v1/./vehicles',
    '/v1/x/../vehicles',
    '/docs/.',
    '/v1/vehicles/%2e%2e/%2e%2e/openapi.json',
    '/v1/veh%69cles',
    '/v1\\vehicles',
    '/v1/vehicles#x',
  ])('%s is nothing', async (path) => {
    const { statusCode, json } = await send({ path });
    expect([statusCode, json.type]).toEqual([404, '/docs#problem-not-found']);
  });

  test('a name in it is what stands there, and is not decoded again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const parts = pathOf(`/v1/${name}/x`).split('/').map(decodeURIComponent);
        expect(parts.join('/')).toBe(`/v1/${name}/x`);
      }),
    );
  });

  test('the documents are found where they are, and say where that is', async () => {
    const { statusCode, body } = await send({ path: '/docs' });
    expect([statusCode, body]).toEqual([200, '<html>https://api.example</html>']);
  });
});

describe('a method', () => {
  test.each(['TRACE', 'CONNECT', 'TRACK', 'BREW', 'DELETE', 'trace'])(
    '%s, which no resource has, is 405',
    async (method) => {
      const { statusCode, headers, json } = await send({ method, path: '/v1/vehicles', body: 'x' });
      expect([statusCode, headers?.['content-type'], headers?.['allow']]).toEqual([
        405,
        'application/problem+json',
        'POST, GET, HEAD',
      ]);
      expect(json.type).toBe('/docs#problem-method-not-allowed');
    },
  );

  test('GET does not mind a body', async () => {
    const headers = { 'content-length': '100000', 'content-type': 'text/plain' };
    const { statusCode } = await send({ path: '/v1/vehicles', headers, body: 'x'.repeat(100_000) });
    expect(statusCode).toBe(200);
  });
});

describe('what else a request brings', () => {
  const car = { vin: 'WVWZZZAUZLW000077', brand: 'volkswagen', model: 'ID.3', market: 'DE' };
  const post = { method: 'POST', path: '/v1/vehicles', body: JSON.stringify(car) };
  const json = { 'content-type': 'application/json' };

  test.each(['', 'ä'])('the Idempotency-Key "%s" is refused', async (key) => {
    const answer = await send({ ...post, headers: { ...json, 'idempotency-key': key } });
    expect([answer.statusCode, answer.json.errors[0].pointer]).toEqual([400, 'Idempotency-Key']);
  });

  test('a body is the same in base64', async () => {
    const body = Buffer.from(post.body).toString('base64');
    const answer = await send({ ...post, headers: json, body, isBase64Encoded: true });
    expect([answer.statusCode, answer.json.model]).toEqual([201, 'ID.3']);
  });

  test('the query arrives as it was sent', async () => {
    const answer = await send({ path: '/v1/vehicles', query: 'model=ID.3&limit=1&limit=2' });
    expect([answer.statusCode, answer.json.errors]).toEqual([
      400,
      [{ pointer: 'limit', detail: 'stands there twice' }],
    ]);
  });
});
