import { AwsError } from '#local/aws-error.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { AccessControl, AccessKey } from './access.ts';
import type { Claim, SignedRequest } from './claim.ts';
import { verifySignature } from './signature.ts';

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
  // Callers outside keep real time; a function signs by the time it is shown.
  verifySignature(request, claim, key.secretAccessKey, key.principal.kind === 'role' ? clock.now() : Date.now());
  if (claim.region === region) return key;
  throw new AwsError('SignatureDoesNotMatch', 403, `Credential should be scoped to a valid region: ${region}.`);
}
