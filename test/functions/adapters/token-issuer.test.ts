import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TokenIssuer } from '#functions/adapters/oidc/token-issuer.ts';
import { listenOnLoopback } from '#local/loopback.ts';

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
  metadata = { issuer, token_endpoint: 'https://tokens.example/oauth2/token' };
});
afterEach(() => void running.close());

test('the issuer is asked once where its tokens are had', async () => {
  const tokens = new TokenIssuer(issuer);
  const urls = await Promise.all([tokens.tokenUrl(), tokens.tokenUrl()]);
  expect([...urls, await tokens.tokenUrl()]).toEqual(Array(3).fill('https://tokens.example/oauth2/token'));
  expect(asked).toEqual(['/pool/.well-known/openid-configuration']);
});

test.each([
  ['does not answer', undefined],
  ['speaks for another', { issuer: 'https://other.example', token_endpoint: 'https://other.example/token' }],
  ['does not say where', {}],
  ['says something that is no address of the web', { token_endpoint: 'javascript:alert(1)' }],
])('an issuer that %s is unavailable, and asked again', async (_, said) => {
  const honest = metadata;
  metadata = said === undefined ? undefined : { issuer, ...said };
  const tokens = new TokenIssuer(issuer);
  await expect(tokens.tokenUrl()).rejects.toMatchObject({ kind: 'unavailable', code: 'issuer-unreachable' });
  metadata = honest;
  expect(await tokens.tokenUrl()).toBe('https://tokens.example/oauth2/token');
});
