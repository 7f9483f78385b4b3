import { createHash } from 'node:crypto';
import type { Codes } from './browser/codes.ts';
import type { People } from './people/people.ts';
import type { TokenSet } from './people/person-tokens.ts';
import { refused, type TokenAnswer } from './token-answer.ts';
import type { PoolClient, UserPool } from './user-pool.ts';
import { same } from './web.ts';

export interface PersonGrantParts {
  readonly people: People;
  readonly codes: Codes;
}

/** Trades a code for tokens, once (RFC 6749, section 4.1.3; RFC 7636, section 4.6). */
export async function authorizationCode(
  client: PoolClient,
  pool: UserPool,
  form: URLSearchParams,
  { people, codes }: PersonGrantParts,
): Promise<TokenAnswer> {
  if (!client.flows.includes('code')) return refused('unauthorized_client');
  const code = form.get('code');
  const verifier = form.get('code_verifier');
  if (!code || !form.get('redirect_uri')) return refused('invalid_request');
  const issued = codes.find(code);
  if (issued === undefined || issued.clientId !== client.clientId) return refused('invalid_grant');
  if (issued.spent !== undefined) {
    // Two have it: one of them is a thief, and nobody knows which (section 4.1.2).
    if (issued.spent.grantId !== undefined) people.grants.end(issued.spent.grantId);
    return refused('invalid_grant');
  }
  const user = people.users.find(pool, issued.username);
  const fits = issued.redirectUri === form.get('redirect_uri') && verifies(verifier, issued.challenge);
  if (!fits || user?.sub !== issued.sub || !user.enabled) {
    codes.spend(code, issued);
    return refused('invalid_grant');
  }
  const { scope, authTime, nonce } = issued;
  const begun = (grantId: string) => codes.spend(code, issued, grantId);
  const tokens = await people.begin(pool, client, user, { scope, authTime, nonce, begun });
  return granted(tokens, tokens.refreshToken);
}

/** Further tokens of the same sign-in; the refresh token stays the same, as Cognito's does without rotation. */
export async function refreshToken(
  client: PoolClient,
  pool: UserPool,
  form: URLSearchParams,
  { people }: PersonGrantParts,
): Promise<TokenAnswer> {
  const token = form.get('refresh_token');
  if (!token) return refused('invalid_request');
  const tokens = await people.refresh(pool, client, token);
  return typeof tokens === 'string' ? refused('invalid_grant') : granted(tokens);
}

function verifies(verifier: string | null, challenge: string): boolean {
  if (verifier === null || !/^[\w.~-]{43,128}$/.test(verifier)) return false;
  return same(createHash('sha256').update(verifier).digest('base64url'), challenge);
}

function granted({ accessToken, idToken, expiresIn }: TokenSet, refresh?: string): TokenAnswer {
  return {
    status: 200,
    body: {
      ...{ id_token: idToken, access_token: accessToken },
      ...(refresh !== undefined && { refresh_token: refresh }),
      ...{ expires_in: expiresIn, token_type: 'Bearer' },
    },
  };
}
