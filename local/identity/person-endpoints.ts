import { provenClient } from './client-credentials.ts';
import type { People } from './people/people.ts';
import { attributesFor } from './people/person-tokens.ts';
import { refused } from './token-answer.ts';
import type { UserPools } from './user-pool.ts';
import { formOf, type WebAnswer, type WebRequest } from './web.ts';

/** `/oauth2/userInfo`: who the bearer of an access token is (OpenID Connect Core 1.0, section 5.3). */
export async function userInfo({ headers }: WebRequest, people: People): Promise<WebAnswer> {
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) return unauthorized('invalid_request', 'The access token is missing');
  const shown = await people.tokens.shown(token);
  if (shown.kind === 'refused') return unauthorized('invalid_token', 'The access token is expired, revoked or none');
  if (!shown.scopes.includes('openid')) return unauthorized('insufficient_scope', 'The access token lacks openid');
  const { user, scopes } = shown;
  return { status: 200, body: { sub: user.sub, ...attributesFor(user, scopes), username: user.username } };
}

function unauthorized(error: string, description: string): WebAnswer {
  const challenge = `Bearer error="${error}", error_description="${description}"`;
  return { status: 401, headers: { 'www-authenticate': challenge }, body: { error, error_description: description } };
}

/** `/oauth2/revoke`: ends a sign-in by its refresh token (RFC 7009). */
export function revoke(request: WebRequest, pools: UserPools, people: People): WebAnswer {
  if (request.method !== 'POST') return { status: 405, body: { error: 'invalid_request' } };
  const form = formOf(request);
  const token = form?.get('token');
  if (form === undefined || !token) return refused('invalid_request');
  const client = provenClient(request, form, pools);
  if (client === undefined) return refused('invalid_client');
  // Three parts: an access or identity token, which nobody can take back.
  if (token.split('.').length === 3) return { status: 400, body: { error: 'unsupported_token_type' } };
  const found = people.grants.byRefreshToken(token);
  // An unknown one is as good as revoked (section 2.2).
  if (found.kind === 'refused') return { status: 200, body: '' };
  if (found.grant.clientId !== client.clientId || !client.people.revocation) return refused('invalid_request');
  people.grants.end(found.grant.grantId);
  return { status: 200, body: '' };
}
