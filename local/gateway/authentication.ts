import { AwsError } from '#local/aws-error.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { AccessControl, AccessKey } from './access.ts';
import type { Claim, SignedRequest } from './claim.ts';
import { signedAt, verifySignature } from './signature.ts';

export interface AuthenticationOptions {
  readonly access: Pick<AccessControl, 'find'>;
  /** The only region that is signed for; undefined: whichever a caller signs for. */
  readonly region?: string | undefined;
  /** The time that functions are shown. */
  readonly clock: Clock;
}

/**
 * Whose key has signed the request.
 *
 * @throws AwsError when nobody has this key, or did not sign exactly this, here and now
 */
export function authenticate(request: SignedRequest, claim: Claim, options: AuthenticationOptions): AccessKey {
  const { access, clock, region = claim.region } = options;
  const key = access.find(claim.accessKeyId);
  if (key === undefined) {
    throw new AwsError('InvalidClientTokenId', 403, 'The security token included in the request is invalid.');
  }
  verifySignature(request, claim, key.secretAccessKey, timeFor(key, claim, clock));
  if (claim.region === region) return key;
  throw new AwsError('SignatureDoesNotMatch', 403, `Credential should be scoped to a valid region: ${region}.`);
}

/**
 * Callers outside keep real time. A function signs by the time that it was shown when it was invoked, and the cloud's
 * may have been moved since; the links that it gives away end by the cloud's.
 */
function timeFor({ principal }: AccessKey, claim: Claim, clock: Clock): number {
  if (principal.kind !== 'role') return Date.now();
  return claim.expiresSeconds === undefined ? signedAt(claim) : clock.now();
}
