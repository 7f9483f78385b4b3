import type { PoolClient, UserPool, UserPools } from '../user-pool.ts';
import { eachOnce } from '../web.ts';

/** What an app asks for when it sends somebody to sign in. */
export interface Authorization {
  readonly pool: UserPool;
  readonly client: PoolClient;
  readonly redirectUri: string;
  readonly scope: string;
  /** S256 of the app's secret (RFC 7636). */
  readonly challenge: string;
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  readonly prompt: 'login' | 'none' | undefined;
}

export type Asked =
  | { readonly kind: 'authorization'; readonly authorization: Authorization }
  /** Nobody is sent anywhere: the address may be a thief's. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The app is told. */
  | { readonly kind: 'sent-back'; readonly location: string };

const needOpenId = ['profile', 'email', 'phone'];

/** Reads a request to `/oauth2/authorize` (Cognito developer guide, "Authorize endpoint"; RFC 6749, section 4.1). */
export function authorizationOf(query: URLSearchParams, pools: UserPools): Asked {
  const client = pools.findClient(query.get('client_id') ?? '');
  const pool = client === undefined ? undefined : pools.findPool(client.poolId);
  if (client === undefined || pool?.domain === undefined)
    return { kind: 'refused', reason: 'No app has this client_id.' };
  if (!client.flows.includes('code')) return { kind: 'refused', reason: 'Nobody signs in through this client.' };
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client.people.callbackUrls.includes(redirectUri)) {
    return { kind: 'refused', reason: 'The redirect_uri is none that was agreed with this app, to the letter.' };
  }
  const state = query.get('state') ?? undefined;
  const fault = faultOf(query, client);
  if (fault !== undefined) return { kind: 'sent-back', location: back(redirectUri, { ...fault, state }) };
  const prompt = query.get('prompt');
  return {
    kind: 'authorization',
    authorization: {
      ...{ pool, client, redirectUri, state },
      scope: scopesOf(query, client).join(' '),
      challenge: query.get('code_challenge') ?? '',
      nonce: query.get('nonce') ?? undefined,
      prompt: prompt === 'login' || prompt === 'none' ? prompt : undefined,
    },
  };
}

interface Fault {
  readonly error: string;
  readonly error_description: string;
}

function faultOf(query: URLSearchParams, client: PoolClient): Fault | undefined {
  const invalid = (error_description: string): Fault => ({ error: 'invalid_request', error_description });
  if (!eachOnce(query)) return invalid('a parameter stands there twice');
  if (query.get('response_type') !== 'code') {
    return { error: 'unsupported_response_type', error_description: 'response_type must be code' };
  }
  // Cognito would let a public client do without; whoever learns the code could then use it.
  if (!query.has('code_challenge')) return invalid('code_challenge is missing: this app has to use PKCE');
  if (query.get('code_challenge_method') !== 'S256') return invalid('code_challenge_method must be S256');
  if (!/^[\w-]{43}$/.test(query.get('code_challenge') ?? '')) return invalid('code_challenge is no S256 challenge');
  const scopes = scopesOf(query, client);
  const stranger = scopes.find((scope) => !client.scopes.includes(scope));
  if (stranger !== undefined)
    return { error: 'invalid_scope', error_description: 'the app may not ask for this scope' };
  if (!scopes.includes('openid') && scopes.some((scope) => needOpenId.includes(scope))) {
    return { error: 'invalid_scope', error_description: 'openid is missing' };
  }
  return undefined;
}

function scopesOf(query: URLSearchParams, client: PoolClient): readonly string[] {
  const asked = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  return asked.length === 0 ? client.scopes : [...new Set(asked)];
}

/** The app's address with something to tell it; what stood in its query stays. */
export function back(uri: string, told: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(told)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}
