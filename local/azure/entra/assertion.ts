import type { KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { EntraRefusal } from './entra-refusal.ts';

/** Somebody else's tokens that an application may come with in place of a secret. */
export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

/** Where issuers' keys are; on Azure their `jwks.json`, found by discovery. */
export interface TrustedIssuer {
  readonly issuer: string;
  publicKey(kid: string): Promise<KeyObject | undefined>;
}

/** What a federated credential asks for unless its owner says otherwise. */
export const tokenExchange = 'api://AzureADTokenExchange';

/** Clocks differ. */
const toleranceSeconds = 300;

/**
 * Whether an assertion is good, by one of the application's credentials. Entra takes RS256 alone. Source: "Workload
 * identity federation", how it works, and the codes of "Microsoft Entra authentication error codes".
 *
 * @param now ms
 */
export async function checkAssertion(
  assertion: string,
  credentials: readonly FederatedCredential[],
  issuers: readonly TrustedIssuer[],
  now: number,
): Promise<void> {
  const payload = await verified(assertion, issuers, now);
  const ofIssuer = credentials.filter(({ issuer }) => issuer === payload.iss);
  if (ofIssuer.length === 0) throw noRecord('issuer', payload.iss, 700211);
  const ofSubject = ofIssuer.filter(({ subject }) => subject === payload.sub);
  if (ofSubject.length === 0) throw noRecord('subject', payload.sub, 700213);
  const audiences = [payload.aud ?? []].flat();
  if (!ofSubject.some(({ audience }) => audiences.length === 1 && audiences[0] === audience)) {
    throw noRecord('audience', audiences.join(' '), 700212);
  }
}

async function verified(assertion: string, issuers: readonly TrustedIssuer[], now: number): Promise<JWTPayload> {
  const keys = async (kid: string) => {
    for (const issuer of issuers) {
      const key = await issuer.publicKey(kid);
      if (key !== undefined) return { issuer: issuer.issuer, key };
    }
    return undefined;
  };
  try {
    const { kid, alg } = decodeProtectedHeader(assertion);
    const known = kid === undefined || alg !== 'RS256' ? undefined : await keys(kid);
    if (known === undefined) throw signatureInvalid();
    const { payload } = await jwtVerify(assertion, known.key, {
      ...{ algorithms: ['RS256'], issuer: known.issuer, currentDate: new Date(now), clockTolerance: toleranceSeconds },
      requiredClaims: ['iss', 'sub', 'aud', 'exp'],
    });
    return payload;
  } catch (error) {
    if (error instanceof EntraRefusal) throw error;
    if (error instanceof errors.JWTExpired || isTooEarly(error)) {
      throw new EntraRefusal(700024, 'invalid_client', 'The client assertion is not within its valid time range.');
    }
    if (error instanceof errors.JOSEError || error instanceof TypeError) throw signatureInvalid();
    throw error;
  }
}

function isTooEarly(error: unknown): boolean {
  return error instanceof errors.JWTClaimValidationFailed && (error.claim === 'nbf' || error.claim === 'iat');
}

const signatureInvalid = () =>
  new EntraRefusal(700027, 'invalid_client', 'The client assertion failed signature validation.');

function noRecord(what: string, shown: string | undefined, code: number): EntraRefusal {
  const message = `No matching federated identity record was found for the presented assertion ${what} '${shown ?? ''}'.`;
  return new EntraRefusal(code, 'invalid_client', message);
}
