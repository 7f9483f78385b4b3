import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { provenClient } from './client-credentials.ts';
import { authorizationCode, type PersonGrantParts, refreshToken } from './person-grants.ts';
import { refused, type TokenAnswer } from './token-answer.ts';
import type { PoolClient, UserPool, UserPools } from './user-pool.ts';
import { formOf, type WebRequest } from './web.ts';

export interface TokenIssuer extends PersonGrantParts {
  readonly pools: UserPools;
  now(): number;
  issuerOf(poolId: string): string;
}

/** Answers a request for a token as Cognito's token endpoint does ("The token issuer endpoint"). */
export async function tokenAnswer(request: WebRequest, issuer: TokenIssuer): Promise<TokenAnswer> {
  if (request.method !== 'POST') return { status: 405, body: { error: 'invalid_request' } };
  const form = formOf(request);
  if (form === undefined) return refused('invalid_request');
  const grant = form.get('grant_type');
  if (grant === null || grant === '') return refused('invalid_request');
  const client = provenClient(request, form, issuer.pools);
  if (client === undefined) return refused('invalid_client');
  const pool = issuer.pools.pool(client.poolId);
  switch (grant) {
    case 'client_credentials':
      return clientCredentials(client, pool, form.get('scope'), issuer);
    case 'authorization_code':
      return authorizationCode(client, pool, form, issuer);
    case 'refresh_token':
      return refreshToken(client, pool, form, issuer);
    default:
      return refused('unsupported_grant_type');
  }
}

async function clientCredentials(
  client: PoolClient,
  pool: UserPool,
  wanted: string | null,
  issuer: TokenIssuer,
): Promise<TokenAnswer> {
  if (!client.flows.includes('client_credentials')) return refused('unauthorized_client');
  const asked = (wanted ?? '').split(' ').filter((scope) => scope !== '');
  const scopes = asked.length === 0 ? client.scopes : asked;
  if (!scopes.every((scope) => client.scopes.includes(scope))) return refused('invalid_scope');
  const accessToken = await signedAccessToken(client, pool, [...new Set(scopes)], issuer);
  return {
    status: 200,
    body: { access_token: accessToken, expires_in: client.accessTokenSeconds, token_type: 'Bearer' },
  };
}

/** The claims of a machine's access token, neither more nor less than Cognito puts there. */
function signedAccessToken(
  client: PoolClient,
  pool: UserPool,
  scopes: readonly string[],
  issuer: TokenIssuer,
): Promise<string> {
  const seconds = Math.floor(issuer.now() / 1000);
  const claims = {
    sub: client.clientId,
    token_use: 'access',
    scope: scopes.join(' '),
    auth_time: seconds,
    iss: issuer.issuerOf(pool.poolId),
    exp: seconds + client.accessTokenSeconds,
    iat: seconds,
    version: 2,
    jti: randomUUID(),
    client_id: client.clientId,
  };
  return new SignJWT(claims).setProtectedHeader({ kid: pool.key.kid, alg: 'RS256' }).sign(pool.key.privateKey);
}
