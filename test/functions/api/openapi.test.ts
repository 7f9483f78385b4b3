import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { documents, originPlaceholder } from '#functions/api/documents.ts';
import { buildOpenApi } from '#functions/api/openapi.ts';
import { problemSchema } from '#functions/api/problems.ts';
import { referencePage } from '#functions/api/reference-page.ts';
import { routes } from '#functions/api/routes.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const document = JSON.parse(JSON.stringify(buildOpenApi()));

describe('the description of the API', () => {
  test('is the same each time it is built', () => {
    expect(JSON.parse(JSON.stringify(buildOpenApi()))).toEqual(document);
  });

  test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s has examples that its schemas allow',
    (_, route) => {
      for (const example of Object.values(route.body.examples))
        expect(z.safeParse(route.body.schema, example).error).toBeUndefined();
      for (const { schema, example } of Object.values(route.replies))
        expect(z.safeParse(schema, example).error).toBeUndefined();
    },
  );

  test('refers to nothing that it does not have', () => {
    for (const [, kind = '', name = ''] of JSON.stringify(document).matchAll(/#\/components\/(\w+)\/([\w-]+)/g)) {
      expect(Object.keys(document.components[kind])).toContain(name);
    }
  });

  test('gives every parameter a schema and every operation a name of its own', () => {
    const operations = Object.values<Record<string, { operationId: string; parameters?: { schema: object }[] }>>(
      document.paths,
    ).flatMap((methods) => Object.values(methods));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length);
    for (const { parameters = [] } of operations) {
      for (const { schema } of parameters) expect(Object.keys(schema)).not.toEqual([]);
    }
  });

  test('says of every member what it is', () => {
    const silent: string[] = [];
    const look = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, member] of Object.entries(value)) {
        const isEmpty = typeof member === 'object' && JSON.stringify(member) === '{}';
        if (isEmpty && path.endsWith('/properties')) silent.push(`${path}/${name}`);
        if (!['example', 'examples'].includes(name)) look(member, `${path}/${name}`);
      }
    };
    look(document, '');
    expect(silent).toEqual([]);
  });

  test('lists the countries that a vehicle can be made for', () => {
    const { enum: countries } = document.components.schemas.Market;
    expect(countries).toHaveLength(249);
    expect(countries).toContain('DE');
  });

  test('says of every parameter what it means', () => {
    const silent = Object.values<Record<string, { parameters?: { name: string; description?: string }[] }>>(
      document.paths,
    )
      .flatMap((methods) => Object.values(methods).flatMap(({ parameters = [] }) => parameters))
      .filter(({ description = '' }) => description === '');
    expect(silent).toEqual([]);
  });

  test('shows a vehicle that is only expected without software and certificate', () => {
    const { example } = document.paths['/v1/vehicles'].post.responses['201'].content['application/json'];
    expect(example).toMatchObject({ status: 'expected' });
    expect(Object.keys(example)).not.toEqual(expect.arrayContaining(['softwareVersion']));
    expect(Object.keys(example)).not.toEqual(expect.arrayContaining(['certificateExpiresAt']));
  });

  test('has problems that its own schema allows, and no status that is none', () => {
    for (const { value } of Object.values<{ value: unknown }>(document.components.examples)) {
      expect(z.safeParse(problemSchema, value).error).toBeUndefined();
    }
    expect(document.components.schemas.Problem.properties.status).toMatchObject({ minimum: 400, maximum: 599 });
  });

  test('names the URLs of the deployment’s issuer, which the build does not know', async () => {
    const tokenUrl = 'https://tokens.example/oauth2/token';
    const authorizeUrl = 'https://tokens.example/oauth2/authorize';
    const built = {
      openApi: () => JSON.stringify(document),
      page: () => referencePage(document, originPlaceholder),
    };
    const { openApi, page } = documents(built, async () => ({ tokenUrl, authorizeUrl }));
    const { clientCredentials, personSignIn } = JSON.parse(await openApi()).components.securitySchemes;
    expect(clientCredentials.flows.clientCredentials.tokenUrl).toBe(tokenUrl);
    expect(personSignIn.flows.authorizationCode).toMatchObject({
      ...{ tokenUrl, refreshUrl: tokenUrl, authorizationUrl: authorizeUrl },
    });
    const html = await page('https://api.example:8443');
    for (const url of [tokenUrl, authorizeUrl, 'API=https://api.example:8443\n']) expect(html).toContain(url);
    expect(html).not.toContain('.invalid');
    expect(await page("https://a'$(reboot)b")).not.toContain('reboot');
  });

  test('says of each route whose token opens it', () => {
    for (const { method, path, audience } of routes) {
      const { security } = document.paths[path][method.toLowerCase()];
      const schemes = security.flatMap((one: object) => Object.keys(one));
      expect(new Set(schemes)).toEqual(new Set([audience === 'person' ? 'personSignIn' : 'clientCredentials']));
    }
  });

  test('is explained on a page without anything from elsewhere', () => {
    const page = referencePage(document, 'https://api.example');
    for (const { operationId } of routes) expect(page).toContain(`id="${operationId}"`);
    expect(page).not.toMatch(/<script|src=|url\(|@import|undefined|\[object/);
  });

  test('is explained on a page whose links all lead somewhere on it', () => {
    const page = referencePage(document, 'https://api.example');
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
    for (const code of Object.keys(document.components.examples)) expect(ids).toContain(`problem-${code}`);
  });
});

describe('whatever is sent', () => {
  let api: TestApi;
  let vehicleId: string;
  beforeAll(async () => {
    api = await startTestApi();
    vehicleId = await anActiveVehicle(api);
  });
  afterAll(() => api.stop());

  const odd = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('__proto__', 'constructor', '0', '-1', '1e309', 'null', '%00', '../..', 'x'.repeat(3000)),
  );
  const bodies = routes.flatMap((route) => Object.values(route.body.examples));
  const disturbed = fc.oneof(
    fc.constantFrom(...bodies.map((body) => JSON.stringify(body))),
    fc.json(),
    fc.tuple(fc.constantFrom(...bodies), fc.string(), fc.jsonValue()).map(([body, key, value]) => {
      const keys = Object.keys(typeof body === 'object' && body !== null ? body : {});
      return JSON.stringify({
        ...(typeof body === 'object' ? body : {}),
        [keys[key.length % keys.length] ?? key]: value,
      });
    }),
    fc.string(),
  );

  test('the answer is one that the description names, and never that the fault is ours', async () => {
    const request = fc.record({
      route: fc.constantFrom(...routes),
      ids: fc.boolean(),
      path: odd,
      query: fc.array(
        fc.tuple(
          fc.constantFrom(
            'limit',
            'cursor',
            'signal',
            'signals',
            'from',
            'to',
            'resolution',
            'model',
            'vin',
            'status',
            'odd',
          ),
          fc.oneof(odd, fc.constantFrom('Vehicle.Speed', '2026-11-21T08:00:00Z', '10')),
        ),
        { maxLength: 4 },
      ),
      body: disturbed,
      key: fc.option(odd),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ route, ids, path, query, body, key }) => {
        const filled = route.path.replaceAll(/\{(\w+)\}/g, (_, name) =>
          ids && name === 'vehicleId' ? vehicleId : encodeURIComponent(path),
        );
        const search = new URLSearchParams(query).toString();
        const headers: Record<string, string> =
          key !== null && /^[\x20-\x7e]*$/.test(key) ? { 'idempotency-key': key } : {};
        const rawBody = route.method === 'GET' ? {} : { rawBody: body };
        const answer = await api.call(route.method, `${filled}?${search}`, { ...rawBody, headers });
        if (filled.endsWith('/') || filled.includes('//')) return; // an empty id: another path
        const named = Object.keys(document.paths[route.path][route.method.toLowerCase()].responses);
        expect(named).toContain(String(answer.status));
        expect(answer.status).toBeLessThan(500);
        if (answer.status >= 400) expect(problemSchema.safeParse(answer.json).error).toBeUndefined();
        else expect(route.replies[answer.status]?.schema.safeParse(answer.json).error).toBeUndefined();
      }),
      { numRuns: 400 },
    );
  });
});
