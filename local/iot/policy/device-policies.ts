import type { Principals } from '#local/iot/broker/principals.ts';
import type { DevicePolicies } from '#local/iot/data-plane/data-plane.ts';
import { callerVariables, canonical } from './caller-variables.ts';
import { compiledPolicy, evaluate } from './evaluate.ts';

/**
 * What a certificate may do over HTTPS. There is no MQTT client id, hence no thing: policies written with
 * `iot:Connection.Thing.*` allow nothing here, as on AWS.
 */
export function devicePolicies(principals: Principals): DevicePolicies {
  return {
    allows(caller, action, resource) {
      const certificate = principals.certificate(caller.certificateId);
      if (certificate?.status !== 'ACTIVE') return false;
      const policies = certificate.policies.map(compiledPolicy);
      const known = callerVariables(caller);
      return evaluate(policies, { action, resource, variables: (name) => known.get(canonical(name)) }) === 'allowed';
    },
  };
}
