import { X509Certificate } from 'node:crypto';
import { certificateVariables } from '../policy/certificate-variables.ts';
import { compiledPolicy, evaluate } from '../policy/evaluate.ts';
import type { Registry } from '../registry/registry.ts';
import type { DevicePolicies } from './data-plane.ts';

/**
 * The IoT policies of the registry, for devices that call over HTTPS. There is no connection and no client
 * id, so that `iot:Connection.Thing.…` has no value and a statement with it never matches.
 */
export function registeredPolicies(registry: Registry): DevicePolicies {
  return {
    allows(certificateId, action, resource) {
      const known = registry.certificate(certificateId);
      if (known?.status !== 'ACTIVE') return false;
      const { raw } = new X509Certificate(registry.certificates.get(certificateId).certificatePem);
      const values = certificateVariables(raw);
      const request = { action, resource, variables: (name: string) => values.get(name) };
      return evaluate(known.policies.map(compiledPolicy), request) === 'allowed';
    },
  };
}
