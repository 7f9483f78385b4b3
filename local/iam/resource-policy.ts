import { applies, type Decision } from './evaluate.ts';
import { type CompiledStatement, compilePolicy } from './policy.ts';
import type { Permission } from './principal.ts';
import { RequestContext } from './request-context.ts';
import type { Caller } from './trustees.ts';

/** A policy that stands at a resource (a queue, a bus) or at a role (its trust) and names its callers. */
export class ResourcePolicy {
  readonly #statements: readonly CompiledStatement[];

  /** @throws Error that begins with `where` and says what in the document is not understood */
  constructor(document: unknown, kind: 'resource' | 'trust', where: string) {
    this.#statements = compilePolicy(document, kind, where);
  }

  evaluate(caller: Caller, permission: Permission): Decision {
    const context = new RequestContext(permission.context);
    let decision: Decision = 'deny-implicit';
    for (const statement of this.#statements) {
      const fit = statement.trustees?.(caller) ?? 'no';
      if (fit === 'no' || !applies(statement, permission, context)) continue;
      if (statement.effect === 'Deny') return 'deny-explicit';
      if (fit === 'named') decision = 'allow';
    }
    return decision;
  }
}
