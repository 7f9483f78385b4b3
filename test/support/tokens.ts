import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose';
import { z } from 'zod';

const entry = z.tuple([z.string(), z.string()]);

/** The key that the local identity service signs with, from its state directory. */
export function signingKeyIn(stateDirectory: string): KeyObject {
  const [line = ''] = readFileSync(join(stateDirectory, 'identity', 'keys.jsonl'), 'utf8').split('\n');
  const [, pem] = entry.parse(JSON.parse(line));
  return createPrivateKey(pem);
}

/** A token like another one, with other claims (undefined removes one), signed with any key. */
export function tokenLike(
  token: string,
  key: KeyObject | Uint8Array,
  claims: { readonly [Claim in keyof JWTPayload]: JWTPayload[Claim] | undefined },
  alg = 'RS256',
): Promise<string> {
  const { kid = '' } = decodeProtectedHeader(token);
  const wanted = Object.entries({ ...decodeJwt(token), ...claims }).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(wanted)).setProtectedHeader({ kid, alg }).sign(key);
}
