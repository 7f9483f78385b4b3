import { authorize, type BrowserParts, login, logout } from './browser/browser-sign-in.ts';
import { type OwnApp, signedInPage, startSignIn } from './browser/own-app.ts';
import { faultPage } from './browser/page.ts';
import type { DiscoveredIssuer } from './discovery.ts';
import { revoke, userInfo } from './person-endpoints.ts';
import { type TokenIssuer, tokenAnswer } from './token-endpoint.ts';
import { redirect, type WebAnswer, type WebRequest } from './web.ts';

export interface EndpointParts extends BrowserParts, TokenIssuer {
  readonly issuer: DiscoveredIssuer & { readonly apiUrl: string | undefined; readonly signedInUrl: string };
  readonly pools: BrowserParts['pools'];
  readonly people: BrowserParts['people'];
  readonly codes: BrowserParts['codes'];
  cookieName(what: 'session' | 'csrf' | 'pkce'): string;
}

type Endpoint = (request: WebRequest, parts: EndpointParts) => WebAnswer | Promise<WebAnswer>;

/** What a user pool's domain serves, and the local cloud's own app. */
export const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/oauth2/authorize', page('GET', authorize)],
  ['/login', (request, parts) => (request.method === 'POST' ? login(request, parts) : getLogin(request, parts))],
  ['/logout', page('GET', logout)],
  ['/oauth2/token', fromAnywhere((request, parts) => tokenAnswer(request, parts))],
  ['/oauth2/userInfo', fromAnywhere((request, { people }) => userInfo(request, people))],
  ['/oauth2/revoke', fromAnywhere((request, { pools, people }) => revoke(request, pools, people))],
  ['/', page('GET', () => redirect('/sign-in'))],
  ['/sign-in', page('GET', (_, parts) => withOwnApp(parts, startSignIn))],
  ['/signed-in', page('GET', (request, parts) => withOwnApp(parts, (app) => signedInPage(request, app)))],
]);

const getLogin: Endpoint = page('GET', login);

/** HEAD is none of them: it would sign somebody in, or spend a code. */
function page(method: 'GET', endpoint: Endpoint): Endpoint {
  return (request, parts) =>
    request.method === method
      ? endpoint(request, parts)
      : { status: 405, headers: { allow: method }, body: { message: 'Method Not Allowed' } };
}

/** Apps in browsers come from other origins; they bring no cookies, so everybody may ask. */
function fromAnywhere(endpoint: Endpoint): Endpoint {
  const open = { 'access-control-allow-origin': '*' };
  return async (request, parts) => {
    if (request.method === 'OPTIONS') {
      const headers = {
        'access-control-allow-headers': 'authorization, content-type',
        'access-control-max-age': '600',
      };
      return { status: 204, headers: { ...open, ...headers, 'access-control-allow-methods': 'GET, POST' }, body: '' };
    }
    const answer = await endpoint(request, parts);
    return { ...answer, headers: { ...answer.headers, ...open } };
  };
}

function withOwnApp(
  parts: EndpointParts,
  run: (app: OwnApp) => WebAnswer | Promise<WebAnswer>,
): WebAnswer | Promise<WebAnswer> {
  const { issuer, pools, cookieName } = parts;
  const { authorizeUrl, tokenUrl, apiUrl, signedInUrl: redirectUri } = issuer;
  const client = pools.clients().find(({ people }) => people.callbackUrls.includes(redirectUri));
  if (client === undefined) return faultPage('The local cloud is not ready yet.');
  return run({
    ...{ clientId: client.clientId, authorizeUrl, tokenUrl, redirectUri, apiUrl, cookieName: cookieName('pkce') },
    async trade(form) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const request = { method: 'POST', path: '/oauth2/token', query: new URLSearchParams(), cookies: new Map() };
      return (await tokenAnswer({ ...request, headers, body: form.toString() }, parts)).body;
    },
  });
}
