import { holds, type Scope, select } from './evaluate.ts';
import { parseStatement } from './parse.ts';
import { parseJson } from './payload.ts';
import type { RuleMessage } from './sql-function.ts';
import { filterMatches } from './topic-filter.ts';
import type { Value } from './values.ts';

export type RuleResult =
  | { readonly fired: false }
  /** A Buffer when `SELECT *` meets a payload that is not JSON. */
  | { readonly fired: true; readonly output: Exclude<Value, undefined> | Buffer };

/** A topic rule's SQL, ready to run. */
export interface CompiledRule {
  /** The topic filter; undefined when only Basic Ingest reaches the rule. */
  readonly from: string | undefined;
  matches(topic: string): boolean;
  run(message: RuleMessage): RuleResult;
}

/**
 * Understands the SQL of a rule (version 2016-03-23).
 *
 * @example compileRule("SELECT topic(2) AS vehicleId FROM 'vehicles/+/telemetry'")
 * @throws SqlError that says what is not understood, and where
 */
export function compileRule(sql: string): CompiledRule {
  const { select: selection, from, where } = parseStatement(sql);
  const bareStar = selection.kind === 'items' && selection.everything && selection.items.length === 0;
  return {
    from,
    matches: (topic) => from !== undefined && filterMatches(from, topic),
    run(message) {
      const scope = scopeOf(message);
      if (!holds(where, scope)) return { fired: false };
      const output = select(selection, scope);
      if (output !== undefined) return { fired: true, output };
      // `SELECT VALUE` of nothing has nothing to hand on.
      return bareStar ? { fired: true, output: message.payload } : { fired: false };
    },
  };
}

/** Parses the payload when the first field is looked up: most rules only pass the bytes on. */
export function scopeOf(message: RuleMessage): Scope {
  let parsed: { readonly value: Value } | undefined;
  return {
    message,
    row: () => {
      parsed ??= { value: parseJson(message.payload) };
      return parsed.value;
    },
  };
}
