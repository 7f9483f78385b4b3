import type { CompiledStatement } from './policy.ts';
import type { Permission } from './principal.ts';
import { RequestContext } from './request-context.ts';

/** An explicit deny beats every allow; without any allow the answer is no. */
export type Decision = 'allow' | 'deny-explicit' | 'deny-implicit';

/** What a set of identity policies says about one permission. */
export function evaluate(statements: readonly CompiledStatement[], permission: Permission): Decision {
  const context = new RequestContext(permission.context);
  let decision: Decision = 'deny-implicit';
  for (const statement of statements) {
    if (!applies(statement, permission, context)) continue;
    if (statement.effect === 'Deny') return 'deny-explicit';
    decision = 'allow';
  }
  return decision;
}

/** Whether a statement speaks of this permission, whoever asks. */
export function applies(statement: CompiledStatement, permission: Permission, context: RequestContext): boolean {
  return (
    statement.action(permission.action) &&
    statement.resource(permission.resource, context) &&
    statement.condition(context)
  );
}
