import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

let home: JourneyCloud;
let token: string;
beforeAll(async () => {
  home = await openCloud();
  token = await home.journey.operator.token();
}, startTimeout);
afterAll(() => home.close());

const documentSchema = z.object({
  components: z.object({
    securitySchemes: z.object({
      clientCredentials: z.object({ flows: z.object({ clientCredentials: z.object({ tokenUrl: z.url() }) }) }),
    }),
  }),
});

test('the token URL of the description gives a token that opens the API', async () => {
  const { api, identity } = home.cloud.file;
  const document = documentSchema.parse(await (await fetch(api.openapi)).json());
  const { tokenUrl } = document.components.securitySchemes.clientCredentials.flows.clientCredentials;
  const operator = identity.clients.find(({ name }) => name === 'operator');
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${operator?.clientId}:${operator?.clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token } = z.object({ access_token: z.string() }).parse(await answer.json());
  const vehicles = await fetch(`${api.baseUrl}/v1/vehicles`, { headers: { authorization: `Bearer ${access_token}` } });
  expect(vehicles.status).toBe(200);
});

test('the reference calls the API where it was read, and gets its tokens where the issuer gives them', async () => {
  const { api, identity } = home.cloud.file;
  const page = await (await fetch(`${api.baseUrl}/docs`)).text();
  expect(page).toContain(`API=${api.baseUrl}`);
  expect(page).toContain(identity.tokenUrl);
});

test('no way around leads to the description', async () => {
  const answer = await raw('GET', '/v1/vehicles/%2e%2e/%2e%2e/openapi.json');
  expect(answer).toMatchObject({ status: 404, contentType: 'application/problem+json' });
  expect(JSON.parse(answer.body)).toMatchObject({ type: '/docs#problem-not-found' });
});

test('a method that nothing has is refused with those there are', async () => {
  const answer = await raw('TRACE', '/v1/vehicles');
  expect(answer).toMatchObject({ status: 405, contentType: 'application/problem+json', allow: 'POST, GET, HEAD' });
});

/** As `fetch` would not send it. */
async function raw(method: string, path: string) {
  const { hostname, port } = new URL(home.cloud.file.api.baseUrl);
  const headers = { authorization: `Bearer ${token}` };
  const sent = request({ hostname, port, method, path, headers }).end();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject);
  });
  const { 'content-type': contentType, allow } = response.headers;
  return { status: response.statusCode, contentType, allow, body: await text(response) };
}
