import { type Condition, compileCondition, holds } from './condition.ts';
import { parsePolicyDocument } from './document.ts';
import { compilePattern, type MatchOptions, matches, type Pattern, type Variables } from './pattern.ts';

interface CompiledStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly Pattern[];
  readonly resources: readonly Pattern[];
  readonly conditions: readonly Condition[];
}

export interface CompiledPolicy {
  readonly statements: readonly CompiledStatement[];
}

export interface PolicyRequest {
  /** e.g. `iot:Publish` */
  readonly action: string;
  /** e.g. `arn:aws:iot:eu-central-1:000000000000:topic/vehicles/veh-1/replies` */
  readonly resource: string;
  /** Policy variables and condition keys: `iot:ClientId`, `iot:Connection.Thing.ThingName`, `aws:SourceIp` … */
  readonly variables: Variables;
}

export type Decision = 'allowed' | 'denied by a statement' | 'not allowed';

const noVariables: Variables = () => undefined;

/** Throws `AwsError` MalformedPolicyException. */
export function compilePolicy(text: string): CompiledPolicy {
  const document = parsePolicyDocument(text);
  // As in IAM: before version 2012-10-17, `${…}` is plain text.
  const variables = document.Version === '2012-10-17';
  return {
    statements: document.Statement.map(({ Effect, Action, Resource, Condition = {} }) => ({
      effect: Effect,
      actions: Action.map((action) => compilePattern(action, false)),
      resources: Resource.map((resource) => compilePattern(resource, variables)),
      conditions: Object.entries(Condition).flatMap(([operator, keys]) =>
        Object.entries(keys).map(([key, values]) => compileCondition(operator, key, values, variables)),
      ),
    })),
  };
}

/** Throws `AwsError` MalformedPolicyException, with the reason; for CreatePolicy and CreatePolicyVersion. */
export function validatePolicyDocument(text: string): void {
  compilePolicy(text);
}

const compiled = new Map<string, CompiledPolicy>();
const mostCompiled = 1000;

/** Like `compilePolicy`, but each text is compiled once. */
export function compiledPolicy(text: string): CompiledPolicy {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const policy = compilePolicy(text);
  if (compiled.size >= mostCompiled) compiled.clear();
  compiled.set(text, policy);
  return policy;
}

/** Any matching Deny wins; else any matching Allow allows; else it is not allowed. */
export function evaluate(policies: readonly CompiledPolicy[], request: PolicyRequest): Decision {
  let decision: Decision = 'not allowed';
  for (const { statements } of policies) {
    for (const statement of statements) {
      if (statement.effect === 'Allow' && decision === 'allowed') continue;
      if (!applies(statement, request)) continue;
      if (statement.effect === 'Deny') return 'denied by a statement';
      decision = 'allowed';
    }
  }
  return decision;
}

function applies(statement: CompiledStatement, { action, resource, variables }: PolicyRequest): boolean {
  // Substituted into an allowed filter, a client id of `+` or `#` would become an MQTT wildcard.
  const options: MatchOptions =
    statement.effect === 'Allow' && resource.includes(':topicfilter/') ? { refuses: (text) => /[+#]/.test(text) } : {};
  return (
    statement.actions.some((pattern) => matches(pattern, action, noVariables, { ignoreCase: true }) === true) &&
    statement.resources.some((pattern) => matches(pattern, resource, variables, options) === true) &&
    statement.conditions.every((condition) => holds(condition, variables))
  );
}
