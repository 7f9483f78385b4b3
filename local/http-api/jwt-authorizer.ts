import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import type { ReceivedRequest } from './request-event.ts';

/** A JWT authorizer of the template. */
export interface JwtAuthorizerDefinition {
  readonly name: string;
  readonly issuer: string;
  readonly audience: readonly string[];
  /** Lower-case header name, or a query parameter. */
  readonly identitySource: { readonly kind: 'header' | 'querystring'; readonly name: string };
}

type TokenCarrier = Pick<ReceivedRequest, 'headers' | 'rawQuery'>;

export type Authorization =
  | {
      readonly kind: 'authenticated';
      readonly claims: Readonly<Record<string, string>>;
      readonly scopes: readonly string[];
    }
  | { readonly kind: 'refused'; readonly wwwAuthenticate: string };

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keySet = z.custom<JSONWebKeySet>(
  (value) => typeof value === 'object' && value !== null && Array.isArray(Reflect.get(value, 'keys')),
);

/** API Gateway verifies RSA signatures only ("Control access to HTTP APIs with JWT authorizers"). */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const keysMaySettleFor = 2 * 3600_000;

/** Verifies tokens with the issuer's published keys, fetched over HTTP as API Gateway does. */
export class JwtAuthorizer {
  readonly definition: JwtAuthorizerDefinition;
  readonly #now: () => number;
  #keys: { readonly resolve: ReturnType<typeof createLocalJWKSet>; readonly at: number } | undefined;

  constructor(definition: JwtAuthorizerDefinition, now: () => number) {
    this.definition = definition;
    this.#now = now;
  }

  async authorize(request: TokenCarrier): Promise<Authorization> {
    const token = this.#token(request);
    if (token === undefined || token === '') return { kind: 'refused', wwwAuthenticate: 'Bearer' };
    try {
      const { payload } = await this.#verify(token);
      const problem = this.#audienceProblem(payload) ?? this.#timeProblem(payload);
      return problem === undefined
        ? { kind: 'authenticated', claims: claimsOf(payload), scopes: scopesOf(payload) }
        : invalid(problem);
    } catch (error) {
      if (error instanceof errors.JOSEError) return invalid(descriptionOf(error));
      if (error instanceof IssuerSilence) return invalid(error.message);
      throw error;
    }
  }

  #token(request: TokenCarrier): string | undefined {
    const { kind, name } = this.definition.identitySource;
    const given =
      kind === 'header' ? request.headers[name] : (new URLSearchParams(request.rawQuery).get(name) ?? undefined);
    return given?.replace(/^Bearer +/i, '').trim();
  }

  async #verify(token: string) {
    const options = { issuer: this.definition.issuer, algorithms, currentDate: new Date(this.#now()) };
    try {
      return await jwtVerify(token, await this.#keySet(false), options);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return jwtVerify(token, await this.#keySet(true), options);
    }
  }

  async #keySet(refetch: boolean): Promise<ReturnType<typeof createLocalJWKSet>> {
    const known = this.#keys;
    const age = Math.abs(this.#now() - (known?.at ?? 0));
    // An unknown key id may mean that the issuer has a new key, but strangers cannot make us ask every time.
    if (known !== undefined && age < keysMaySettleFor && !(refetch && age > 10_000)) return known.resolve;
    const discoveryUrl = `${this.definition.issuer}/.well-known/openid-configuration`;
    const { jwks_uri: keysUrl } = await ask(discoveryUrl, discovery, 'OIDC discovery endpoint communication error');
    const resolve = createLocalJWKSet(await ask(keysUrl, keySet, 'JWKS communication error'));
    this.#keys = { resolve, at: this.#now() };
    return resolve;
  }

  /** `client_id` counts only in a token without `aud`: Cognito's access tokens are such. */
  #audienceProblem(payload: JWTPayload): string | undefined {
    const { audience } = this.definition;
    const claimed = payload.aud ?? payload['client_id'];
    const all = Array.isArray(claimed) ? claimed : [claimed];
    return all.some((each) => typeof each === 'string' && audience.includes(each))
      ? undefined
      : 'the token does not have a valid audience';
  }

  #timeProblem(payload: JWTPayload): string | undefined {
    if (payload.exp === undefined) return 'the token does not have an expiry';
    const seconds = Math.floor(this.#now() / 1000);
    return payload.iat !== undefined && payload.iat > seconds ? 'the token was issued in the future' : undefined;
  }
}

/** The issuer did not answer. API Gateway refuses the token then, too. */
class IssuerSilence extends Error {}

async function ask<T>(url: string, schema: z.ZodType<T>, silence: string): Promise<T> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3000) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return schema.parse(await response.json());
  } catch (cause) {
    throw new IssuerSilence(silence, { cause });
  }
}

function invalid(description: string): Authorization {
  const wwwAuthenticate = `Bearer scope="" error="invalid_token" error_description="${description}"`;
  return { kind: 'refused', wwwAuthenticate };
}

function descriptionOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature is invalid';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the signing method is invalid';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the token was signed with an unknown key';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'the token does not have a valid issuer';
    if (error.claim === 'nbf') return 'the token is not valid yet';
    return `the token does not have a valid ${error.claim}`;
  }
  return 'the token is malformed';
}

/** Every claim becomes a string; lists become `[a b]`, as API Gateway writes them. */
function claimsOf(payload: JWTPayload): Record<string, string> {
  const claims: Record<string, string> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (Array.isArray(value)) claims[name] = `[${value.map(String).join(' ')}]`;
    else claims[name] = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  }
  return claims;
}

function scopesOf(payload: JWTPayload): string[] {
  const given = payload['scope'] ?? payload['scp'];
  if (Array.isArray(given)) return given.map(String);
  return typeof given === 'string' ? given.split(' ').filter((scope) => scope !== '') : [];
}
