import type { Principals } from '#local/iot/broker/principals.ts';
import type { DevicePolicies } from '#local/iot/data-plane/data-plane.ts';
import { compiledPolicy, evaluate } from './evaluate.ts';

/**
 * What a certificate may do over HTTPS. There is no MQTT client id, hence no thing: policies written with
 * `iot:Connection.Thing.*` allow nothing here, as on AWS.
 */
export function devicePolicies(principals: Principals): DevicePolicies {
  return {
    allows(certificateId, action, resource) {
      const certificate = principals.certificate(certificateId);
      if (certificate?.status !== 'ACTIVE') return false;
      const policies = certificate.policies.map(compiledPolicy);
      return evaluate(policies, { action, resource, variables: () => undefined }) === 'allowed';
    },
  };
}
