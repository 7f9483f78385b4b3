import { AwsError } from '#local/aws-error.ts';
import { type AuthenticationOptions, authenticate } from '#local/gateway/authentication.ts';
import { queryPairs, readClaim, type SignedRequest } from '#local/gateway/claim.ts';
import { principalIdOf } from '#local/iam/principal-id.ts';
import type { SignedPeer } from './authorizer.ts';

/** The service that a WebSocket is signed for. */
const service = 'iotdevicegateway';

/**
 * Who asks for a WebSocket, from the signed query of its address.
 *
 * @throws AwsError when the signature does not stand for this request
 */
export function webSocketCaller(
  request: SignedRequest,
  from: Pick<SignedPeer, 'ipAddress' | 'domainName'>,
  options: AuthenticationOptions,
): SignedPeer {
  // AWS IoT takes it from the query alone: a browser sets no headers.
  const signed = queryPairs(request.query).some(([name]) => name === 'X-Amz-Signature');
  if (!signed) {
    const message = 'Missing Authentication Token. Sign the address: its query carries X-Amz-Signature and the rest.';
    throw new AwsError('MissingAuthenticationTokenException', 403, message);
  }
  const claim = readClaim({ headers: {}, query: request.query });
  if (claim.service !== service) {
    const message = `Credential should be scoped to correct service: ${service}.`;
    throw new AwsError('SignatureDoesNotMatch', 403, message);
  }
  const { principal } = authenticate(request, claim, options);
  return { kind: 'signed', principal, principalId: principalIdOf(principal), ...from };
}
