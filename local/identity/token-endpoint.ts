import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { type PoolClient, secretMatches, type UserPool, type UserPools } from './user-pool.ts';

/** A request to `POST /oauth2/token`. */
export interface TokenRequest {
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface TokenAnswer {
  readonly status: number;
  readonly body: object;
}

export interface TokenIssuer {
  readonly pools: UserPools;
  now(): number;
  issuerOf(poolId: string): string;
}

type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unauthorized_client'
  | 'unsupported_grant_type';

/** Cognito answers 400 to all of them, also where RFC 6749 permits 401. */
function refused(error: OAuthError): TokenAnswer {
  return { status: 400, body: { error } };
}

/** RFC 6749, section 2.3.1: id and secret in the Basic header are form-encoded, or they stand in the body. */
function credentials(request: TokenRequest, form: URLSearchParams): { id: string; secret: string } | undefined {
  if (request.authorization === undefined) {
    const id = form.get('client_id');
    return id === null ? undefined : { id, secret: form.get('client_secret') ?? '' };
  }
  const [, encoded] = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(request.authorization) ?? [];
  const pair = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0) return undefined;
  try {
    return { id: decodeURIComponent(pair.slice(0, colon)), secret: decodeURIComponent(pair.slice(colon + 1)) };
  } catch {
    return undefined;
  }
}

/** A form in which each name stands once at the most; Cognito refuses others. */
function formOf(request: TokenRequest): URLSearchParams | undefined {
  const [type = ''] = (request.contentType ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') return undefined;
  const form = new URLSearchParams(request.body);
  return new Set(form.keys()).size === [...form.keys()].length ? form : undefined;
}

/** Answers a request for a token as Cognito's token endpoint does ("The token issuer endpoint"). */
export async function tokenAnswer(request: TokenRequest, issuer: TokenIssuer): Promise<TokenAnswer> {
  const form = formOf(request);
  if (form === undefined) return refused('invalid_request');
  const grant = form.get('grant_type');
  if (grant === null || grant === '') return refused('invalid_request');
  const presented = credentials(request, form);
  if (presented === undefined) return refused('invalid_client');
  const client = issuer.pools.findClient(presented.id);
  const pool = client === undefined ? undefined : issuer.pools.findPool(client.poolId);
  if (client === undefined || pool?.domain === undefined) return refused('invalid_client');
  if (!secretMatches(client, presented.secret)) return refused('invalid_client');
  switch (grant) {
    case 'client_credentials':
      return clientCredentials(client, pool, form.get('scope'), issuer);
    default:
      // The grants of people (authorization code, refresh) come with them.
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
