import { createHash } from 'node:crypto';
import type { Principal } from './principal.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The id that IAM gives an identity (`aws:userid`): `AIDA…` for a user, `AROA…:session` for somebody in a role. Made
 * from the ARN, so that it is the same at every start.
 */
export function principalIdOf({ kind, arn }: Principal): string {
  const bytes = createHash('sha256').update(arn).digest().subarray(0, 17);
  const id = Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('');
  return kind === 'role' ? `AROA${id}:local` : `AIDA${id}`;
}
