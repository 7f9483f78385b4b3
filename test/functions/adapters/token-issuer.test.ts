import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TokenIssuer } from '#functions/adapters/oidc/token-issuer.ts';
import { listenOnLoopback } from '#local/loopback.ts';

const endpoints = {
  token_endpoint: 'https://tokens.example/oauth2/token',
  authorization_endpoint: 'https://tokens.example/oauth2/authorize',
};
const urls = { tokenUrl: endpoints.token_endpoint, authorizeUrl: endpoints.authorization_endpoint };

let metadata: unknown;
let asked: (string | undefined)[];
let issuer: string;
const server = () =>
  createServer(({ url }, response) => {
    asked.push(url);
    response.writeHead(metadata === undefined ? 503 : 200).end(JSON.stringify(metadata));
  });
let running: ReturnType<typeof server>;

beforeEach(async () => {
  asked = [];
  running = server();
  issuer = `http://127.0.0.1:${await listenOnLoopback(running, 0)}/pool`;
  metadata = { issuer, ...endpoints };
});
afterEach(() => void running.close());

test('the issuer is asked once where its tokens are had', async () => {
  const tokens = new TokenIssuer(issuer);
  const told = await Promise.all([tokens.urls(), tokens.urls()]);
  expect([...told, await tokens.urls()]).toEqual(Array(3).fill(urls));
  expect(asked).toEqual(['/pool/.well-known/openid-configuration']);
});

test.each([
  ['does not answer', undefined],
  ['speaks for another', { ...endpoints, issuer: 'https://other.example' }],
  ['does not say where', {}],
  ['says something that is no address of the web', { ...endpoints, token_endpoint: 'javascript:alert(1)' }],
  ['would have people sign in nowhere on the web', { ...endpoints, authorization_endpoint: 'javascript:alert(1)' }],
])('an issuer that %s is unavailable, and asked again', async (_, said) => {
  const honest = metadata;
  metadata = said === undefined ? undefined : { issuer, ...said };
  const tokens = new TokenIssuer(issuer);
  await expect(tokens.urls()).rejects.toMatchObject({ kind: 'unavailable', code: 'issuer-unreachable' });
  metadata = honest;
  expect(await tokens.urls()).toEqual(urls);
});
