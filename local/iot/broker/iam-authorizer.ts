import { AwsError } from '#local/aws-error.ts';
import type { AccessControl } from '#local/gateway/access.ts';
import { type Allows, type Authorizer, faultOfAttempt, type SignedPeer } from './authorizer.ts';

export interface IamAuthorizerOptions {
  readonly access: Pick<AccessControl, 'authorize'>;
  readonly region: string;
  readonly accountId: string;
}

/** Decides by the IAM policies of whoever signed; IoT policies have no say. */
export function iamAuthorizer({ access, region, accountId }: IamAuthorizerOptions): Authorizer<SignedPeer> {
  const arnPrefix = `arn:aws:iot:${region}:${accountId}:`;
  return {
    connect(attempt) {
      const { principal, ipAddress } = attempt.peer;
      const context = { 'aws:SourceIp': ipAddress };
      const allows: Allows = (action, resource) => {
        try {
          access.authorize(principal, [{ action, resource: `${arnPrefix}${resource}`, context }]);
          return true;
        } catch (error) {
          if (error instanceof AwsError) return false;
          throw error;
        }
      };
      const reason = faultOfAttempt(attempt, allows);
      return reason === undefined ? { kind: 'admitted', allows, thingName: undefined } : { kind: 'refused', reason };
    },
  };
}
