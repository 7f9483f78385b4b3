import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { drawn } from '../drawn.ts';

/** A pool's rules for passwords, as its template gives them. */
export interface PasswordPolicy {
  readonly MinimumLength: number;
  readonly RequireLowercase: boolean;
  readonly RequireNumbers: boolean;
  readonly RequireSymbols: boolean;
  readonly RequireUppercase: boolean;
  readonly TemporaryPasswordValidityDays: number;
}

/** What is kept of a password. */
export interface PasswordHash {
  readonly salt: string;
  readonly hash: string;
}

const hashBytes = 32;
/** Cognito's own list ("Password policies"). */
const symbols = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+\- ]/;
const largestPassword = 256;

export async function hashOf(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  return { salt: salt.toString('base64'), hash: (await derived(password, salt)).toString('base64') };
}

/** Who does not exist has no hash, and is refused as slowly as who does. */
export async function passwordMatches(password: string, kept: PasswordHash | undefined): Promise<boolean> {
  const expected = kept === undefined ? randomBytes(hashBytes) : Buffer.from(kept.hash, 'base64');
  const given = await derived(password, Buffer.from(kept?.salt ?? '', 'base64'));
  return timingSafeEqual(expected, given) && kept !== undefined;
}

/** What the policy misses in the password, in Cognito's words; undefined if nothing. */
export function passwordFault(password: string, policy: PasswordPolicy): string | undefined {
  if (password.length < policy.MinimumLength) return 'Password not long enough';
  if (password.length > largestPassword) return 'Password is too long';
  if (/^\s|\s$/.test(password)) return 'Password must not begin or end with a space';
  if (policy.RequireLowercase && !/[a-z]/.test(password)) return 'Password must have lowercase characters';
  if (policy.RequireUppercase && !/[A-Z]/.test(password)) return 'Password must have uppercase characters';
  if (policy.RequireNumbers && !/\d/.test(password)) return 'Password must have numeric characters';
  if (policy.RequireSymbols && !symbols.test(password)) return 'Password must have symbol characters';
  return undefined;
}

/** Long enough for any policy of ours, with one of each kind. */
export function randomPassword(): string {
  const mixed = drawn(20, 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789');
  return `${mixed}-${drawn(1, 'abcdefghjkmnp')}${drawn(1, 'ABCDEFGHJKMNP')}${drawn(1, '23456789')}`;
}

function derived(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, hashBytes, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
