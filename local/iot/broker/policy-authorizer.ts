import { callerVariables, canonical, type Values } from '#local/iot/policy/caller-variables.ts';
import { isSubstitutable } from '#local/iot/policy/certificate-variables.ts';
import { type CompiledPolicy, compiledPolicy, evaluate } from '#local/iot/policy/evaluate.ts';
import type { Variables } from '#local/iot/policy/pattern.ts';
import type { Authorizer, ConnectAttempt, ConnectionContext, MqttAction } from './authorizer.ts';
import type { ExclusiveThing, Principals } from './principals.ts';

/** A connection as policies see it. Fixed at CONNECT; things and policies are looked up anew each time. */
export interface PolicyContext extends ConnectionContext {
  readonly fixed: Values;
}

export interface PolicyAuthorizerOptions {
  readonly principals: Principals;
  readonly region: string;
  readonly accountId: string;
  readonly log: (line: string) => void;
  /** Whether a certificate has ended by the cloud's clock, which TLS does not know. */
  readonly hasExpired?: (certificateId: string) => boolean;
}

/** Decides by the IoT policies of the certificate and of the groups of its thing. */
export function policyAuthorizer(options: PolicyAuthorizerOptions): Authorizer<PolicyContext> {
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

  const allowed = (context: PolicyContext, action: MqttAction, resource: string): boolean => {
    const certificate = principals.certificate(context.certificateId);
    if (certificate === undefined) return false;
    const thing = principals.thingOf(context.certificateId, context.clientId);
    const policies = [...certificate.policies, ...(thing?.groupPolicies ?? [])].flatMap(compile);
    const variables = variablesOf(context, thing);
    return evaluate(policies, { action, resource: `${arnPrefix}${resource}`, variables }) === 'allowed';
  };

  return {
    connect(attempt) {
      const status = principals.certificate(attempt.certificateId)?.status;
      if (status !== 'ACTIVE') {
        return { kind: 'refused', reason: `the certificate is ${status ?? 'not registered'}` };
      }
      if (options.hasExpired?.(attempt.certificateId) === true) {
        return { kind: 'refused', reason: 'the certificate has expired' };
      }
      const context = contextOf(attempt);
      if (!allowed(context, 'iot:Connect', `client/${attempt.clientId}`)) {
        return { kind: 'refused', reason: `not authorized to connect as ${attempt.clientId}` };
      }
      const { will } = attempt;
      if (will !== undefined) {
        const topic = `topic/${will.topic}`;
        const mayPublish = allowed(context, 'iot:Publish', topic);
        if (!mayPublish || (will.retain && !allowed(context, 'iot:RetainPublish', topic))) {
          return { kind: 'refused', reason: `not authorized to leave a will on ${will.topic}` };
        }
      }
      const thing = principals.thingOf(attempt.certificateId, attempt.clientId);
      return { kind: 'admitted', context, thingName: thing?.thingName };
    },
    allowed,
  };
}

const denyAll: CompiledPolicy = compiledPolicy('{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}');

function contextOf(attempt: ConnectAttempt): PolicyContext {
  const { certificate, certificateId, clientId, persistent, will } = attempt;
  const features = [...(persistent ? ['PersistentConnect'] : []), ...(will === undefined ? [] : ['LastWill'])];
  const fixed = callerVariables({ ...attempt, certificate: certificate.raw }, [
    ['iot:ClientId', clientId],
    ['iot:LastWillTopic', will?.topic],
    ['iot:ConnectAttributes', features],
  ]);
  return { certificateId, clientId, fixed };
}

const thingPrefix = 'iot:connection.thing.';

/** Variables of the thing are defined only if the client id is the name of a thing with this certificate. */
function variablesOf(context: PolicyContext, thing: ExclusiveThing | undefined): Variables {
  return (name) => {
    const key = canonical(name);
    if (!key.startsWith(thingPrefix)) return context.fixed.get(key);
    const part = key.slice(thingPrefix.length);
    if (part === 'isattached') return thing === undefined ? 'false' : 'true';
    if (part === 'thingname') return thing?.thingName;
    if (part === 'thingtypename') return thing?.typeName;
    const [, attribute] = /^attributes\[(.+)\]$/.exec(part) ?? [];
    const value = attribute === undefined ? undefined : thing?.attributes[attribute];
    return value !== undefined && isSubstitutable(value) ? value : undefined;
  };
}
