import { z } from 'zod';
import { type Condition, compileCondition } from './condition.ts';
import { compilePattern, type Pattern } from './pattern.ts';
import type { PolicyDocument, Statement } from './principal.ts';
import type { RequestContext } from './request-context.ts';
import { compileTrustees, type Trustees } from './trustees.ts';

/**
 * Where a policy is attached, which decides what a statement must have:
 * an identity policy names resources, a trust policy callers, a resource policy both.
 */
export type PolicyKind = 'identity' | 'trust' | 'resource';

/** A statement ready for evaluation. */
export interface CompiledStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly action: (action: string) => boolean;
  readonly resource: (resource: string, context: RequestContext) => boolean;
  readonly condition: Condition;
  /** Only in trust and resource policies. */
  readonly trustees: Trustees | undefined;
}

const oneOrMore = z.union([z.string(), z.array(z.string()).min(1)]);
const conditionValue = z.union([z.string(), z.boolean(), z.number(), z.array(z.string())]);

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Principal: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), conditionValue)).optional(),
});

const documentSchema = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  // One statement may stand without its list; a union of both would hide where the fault is.
  Statement: z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(statementSchema)),
});

/**
 * Reads a policy and compiles its patterns once, so that an evaluation takes microseconds.
 *
 * @param where which policy it is, for errors
 * @throws Error that names every element, operator or value that is not understood
 */
export function compilePolicy(document: unknown, kind: PolicyKind, where: string): CompiledStatement[] {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) throw new Error(`${where} is not understood:\n${z.prettifyError(parsed.error)}`);
  const { Version: version, Statement: statements } = parsed.data;
  const variables = version === '2012-10-17';
  return statements.map((statement, index) => {
    const place = `${where}, statement ${statement.Sid ?? index + 1}`;
    try {
      return compileStatement(withoutAbsent(statement), kind, variables);
    } catch (cause) {
      throw new Error(`${place}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  });
}

/** The policy as it was given, once it is known to be understood. */
export function validatePolicy(document: unknown, kind: PolicyKind, where: string): PolicyDocument {
  compilePolicy(document, kind, where);
  const { Version: version, Statement: statements } = documentSchema.parse(document);
  return {
    ...(version === undefined ? {} : { Version: version }),
    Statement: statements.map(withoutAbsent),
  };
}

/** zod types an absent member as undefined; the contract has no such members. */
function withoutAbsent(statement: z.infer<typeof statementSchema>): Statement {
  const { Effect, Sid, Action, NotAction, Resource, NotResource, Principal, Condition } = statement;
  return {
    Effect,
    ...(Sid === undefined ? {} : { Sid }),
    ...(Action === undefined ? {} : { Action }),
    ...(NotAction === undefined ? {} : { NotAction }),
    ...(Resource === undefined ? {} : { Resource }),
    ...(NotResource === undefined ? {} : { NotResource }),
    ...(Principal === undefined ? {} : { Principal }),
    ...(Condition === undefined ? {} : { Condition }),
  };
}

function compileStatement(statement: Statement, kind: PolicyKind, variables: boolean): CompiledStatement {
  const { Effect: effect, Principal: principal, Resource: resource, NotResource: notResource } = statement;
  const namesResource = resource !== undefined || notResource !== undefined;
  if (kind === 'identity' && principal !== undefined) throw new Error('an identity policy has no Principal');
  if (kind !== 'identity' && principal === undefined) throw new Error('Principal is missing');
  if (kind === 'trust' && namesResource) throw new Error('a trust policy has no Resource');
  if (kind !== 'trust' && !namesResource) throw new Error('Resource is missing');
  return {
    effect,
    action: compileActions(statement),
    resource: compileResources(resource, notResource, variables),
    condition: compileCondition(statement.Condition, variables),
    trustees: principal === undefined ? undefined : compileTrustees(principal),
  };
}

function compileActions({ Action: action, NotAction: notAction }: Statement): (action: string) => boolean {
  const listed = action ?? notAction;
  if (listed === undefined || (action !== undefined && notAction !== undefined)) {
    throw new Error('wants either Action or NotAction');
  }
  const exact = new Set<string>();
  const patterns: RegExp[] = [];
  for (const name of [listed].flat()) {
    if (!/^(\*|[a-z0-9-]+:[a-z0-9*?]+)$/i.test(name)) throw new Error(`the action ${name} is malformed`);
    if (/[*?]/.test(name)) patterns.push(new RegExp(`^${name.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i'));
    else exact.add(name.toLowerCase());
  }
  const wanted = action !== undefined;
  return (candidate) =>
    (exact.has(candidate.toLowerCase()) || patterns.some((pattern) => pattern.test(candidate))) === wanted;
}

function compileResources(
  resource: Statement['Resource'],
  notResource: Statement['NotResource'],
  variables: boolean,
): CompiledStatement['resource'] {
  if (resource !== undefined && notResource !== undefined) throw new Error('wants either Resource or NotResource');
  const listed = resource ?? notResource;
  if (listed === undefined) return () => true;
  const patterns: Pattern[] = [listed].flat().map((arn) => {
    if (arn !== '*' && !arn.startsWith('arn:')) throw new Error(`the resource ${arn} is neither * nor an ARN`);
    return compilePattern(arn, { wildcards: true, arn: true, variables });
  });
  const wanted = resource !== undefined;
  return (candidate, context) => patterns.some((pattern) => pattern(candidate, context)) === wanted;
}
