import { callerVariables, canonical, type Values } from '#local/iot/policy/caller-variables.ts';
import { isSubstitutable } from '#local/iot/policy/certificate-variables.ts';
import { type CompiledPolicy, compiledPolicy, evaluate } from '#local/iot/policy/evaluate.ts';
import type { Variables } from '#local/iot/policy/pattern.ts';
import { type Allows, type Authorizer, type ConnectAttempt, type DevicePeer, faultOfAttempt } from './authorizer.ts';
import type { ExclusiveThing, Principals } from './principals.ts';

export interface PolicyAuthorizerOptions {
  readonly principals: Principals;
  readonly region: string;
  readonly accountId: string;
  readonly log: (line: string) => void;
  /** Whether a certificate has ended by the cloud's clock, which TLS does not know. */
  readonly hasExpired?: (certificateId: string) => boolean;
}

/** Decides by the IoT policies of the certificate and of the groups of its thing. */
export function policyAuthorizer(options: PolicyAuthorizerOptions): Authorizer<DevicePeer> {
  const { principals, log } = options;
  const arnPrefix = `arn:aws:iot:${options.region}:${options.accountId}:`;
  const compile = (text: string): readonly CompiledPolicy[] => {
    try {
      return [compiledPolicy(text)];
    } catch (error) {
      // the registry validates on creation; what slips through must not open anything
      log(`a policy is malformed, the connection gets nothing: ${String(error)}`);
      return [denyAll];
    }
  };

  return {
    connect(attempt) {
      const { certificateId } = attempt.peer;
      const { clientId } = attempt;
      const status = principals.certificate(certificateId)?.status;
      if (status !== 'ACTIVE') {
        return { kind: 'refused', reason: `the certificate is ${status ?? 'not registered'}` };
      }
      if (options.hasExpired?.(certificateId) === true) {
        return { kind: 'refused', reason: 'the certificate has expired' };
      }
      const fixed = fixedValues(attempt);
      // things and policies are looked up anew each time
      const allows: Allows = (action, resource) => {
        const certificate = principals.certificate(certificateId);
        if (certificate === undefined) return false;
        const thing = principals.thingOf(certificateId, clientId);
        const policies = [...certificate.policies, ...(thing?.groupPolicies ?? [])].flatMap(compile);
        const variables = variablesOf(fixed, thing);
        return evaluate(policies, { action, resource: `${arnPrefix}${resource}`, variables }) === 'allowed';
      };
      const reason = faultOfAttempt(attempt, allows);
      if (reason !== undefined) return { kind: 'refused', reason };
      return { kind: 'admitted', allows, thingName: principals.thingOf(certificateId, clientId)?.thingName };
    },
  };
}

const denyAll: CompiledPolicy = compiledPolicy('{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}');

/** What policies see of a connection from CONNECT to its end. */
function fixedValues({ peer, clientId, persistent, will }: ConnectAttempt<DevicePeer>): Values {
  const features = [...(persistent ? ['PersistentConnect'] : []), ...(will === undefined ? [] : ['LastWill'])];
  return callerVariables({ ...peer, certificate: peer.certificate.raw }, [
    ['iot:ClientId', clientId],
    ['iot:LastWillTopic', will?.topic],
    ['iot:ConnectAttributes', features],
  ]);
}

const thingPrefix = 'iot:connection.thing.';

/** Variables of the thing are defined only if the client id is the name of a thing with this certificate. */
function variablesOf(fixed: Values, thing: ExclusiveThing | undefined): Variables {
  return (name) => {
    const key = canonical(name);
    if (!key.startsWith(thingPrefix)) return fixed.get(key);
    const part = key.slice(thingPrefix.length);
    if (part === 'isattached') return thing === undefined ? 'false' : 'true';
    if (part === 'thingname') return thing?.thingName;
    if (part === 'thingtypename') return thing?.typeName;
    const [, attribute] = /^attributes\[(.+)\]$/.exec(part) ?? [];
    const value = attribute === undefined ? undefined : thing?.attributes[attribute];
    return value !== undefined && isSubstitutable(value) ? value : undefined;
  };
}
