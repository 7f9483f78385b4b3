import { BlockList, isIP } from 'node:net';
import { compilePattern, type PatternOptions } from './pattern.ts';
import type { Statement } from './principal.ts';
import type { RequestContext } from './request-context.ts';

/** A compiled `Condition` block: all its operators and keys must hold. */
export type Condition = (context: RequestContext) => boolean;

type Test = (value: string, context: RequestContext) => boolean;

interface Operator {
  /** `StringNotEquals` holds when none of its values matches. */
  readonly negated: boolean;
  compile(wanted: string, variables: boolean): Test;
}

const operators: ReadonlyMap<string, Operator> = new Map([
  ...both('StringEquals', 'StringNotEquals', text({ wildcards: false })),
  ...both('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', text({ wildcards: false, ignoreCase: true })),
  ...both('StringLike', 'StringNotLike', text({ wildcards: true })),
  // ArnEquals and ArnLike behave alike.
  ...both('ArnEquals', 'ArnNotEquals', text({ wildcards: true, arn: true })),
  ...both('ArnLike', 'ArnNotLike', text({ wildcards: true, arn: true })),
  ...both(
    'NumericEquals',
    'NumericNotEquals',
    ordered(numberOf, (order) => order === 0),
  ),
  ...one(
    'NumericLessThan',
    ordered(numberOf, (order) => order < 0),
  ),
  ...one(
    'NumericLessThanEquals',
    ordered(numberOf, (order) => order <= 0),
  ),
  ...one(
    'NumericGreaterThan',
    ordered(numberOf, (order) => order > 0),
  ),
  ...one(
    'NumericGreaterThanEquals',
    ordered(numberOf, (order) => order >= 0),
  ),
  ...both(
    'DateEquals',
    'DateNotEquals',
    ordered(dateOf, (order) => order === 0),
  ),
  ...one(
    'DateLessThan',
    ordered(dateOf, (order) => order < 0),
  ),
  ...one(
    'DateLessThanEquals',
    ordered(dateOf, (order) => order <= 0),
  ),
  ...one(
    'DateGreaterThan',
    ordered(dateOf, (order) => order > 0),
  ),
  ...one(
    'DateGreaterThanEquals',
    ordered(dateOf, (order) => order >= 0),
  ),
  ...one('Bool', truth),
  ...both('IpAddress', 'NotIpAddress', address),
  ...one('BinaryEquals', (wanted) => (value) => value === wanted),
]);

/**
 * @param variables whether `${aws:…}` is replaced (policy version 2012-10-17)
 * @throws Error that names an operator or value that is not understood
 */
export function compileCondition(block: Statement['Condition'], variables: boolean): Condition {
  const parts: Condition[] = [];
  for (const [operator, keys] of Object.entries(block ?? {})) {
    for (const [key, wanted] of Object.entries(keys)) {
      parts.push(compileKey(operator, key, (Array.isArray(wanted) ? wanted : [wanted]).map(String), variables));
    }
  }
  return (context) => parts.every((holds) => holds(context));
}

function compileKey(name: string, key: string, wanted: readonly string[], variables: boolean): Condition {
  if (name === 'Null') return compileNull(key, wanted);
  const [, quantifier, base = '', ifExists] = /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/.exec(name) ?? [];
  const operator = operators.get(base);
  if (operator === undefined) throw new Error(`the condition operator ${name} is not known`);
  const { negated } = operator;
  const tests = wanted.map((value) => {
    try {
      return operator.compile(value, variables);
    } catch (cause) {
      throw new Error(`${name} of ${key}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  });
  return (context) => {
    const values = context.get(key);
    if (values === undefined || values.length === 0) {
      if (ifExists !== undefined || quantifier === 'ForAllValues:') return true;
      return quantifier === undefined && negated;
    }
    const matches = (value: string) => tests.some((test) => test(value, context));
    if (quantifier === 'ForAllValues:') return values.every((value) => matches(value) !== negated);
    if (quantifier === 'ForAnyValue:') return values.some((value) => matches(value) !== negated);
    return values.some(matches) !== negated;
  };
}

/** `Null: true` wants the key absent, `Null: false` wants it present. */
function compileNull(key: string, wanted: readonly string[]): Condition {
  const absent = wanted.map((value) => {
    if (value !== 'true' && value !== 'false') throw new Error(`Null of ${key}: wants true or false, not ${value}`);
    return value === 'true';
  });
  return (context) => absent.includes(context.get(key) === undefined);
}

function both(positive: string, negative: string, compile: Operator['compile']): [string, Operator][] {
  return [
    [positive, { negated: false, compile }],
    [negative, { negated: true, compile }],
  ];
}

function one(name: string, compile: Operator['compile']): [string, Operator][] {
  return [[name, { negated: false, compile }]];
}

function text(options: Omit<PatternOptions, 'variables'>): Operator['compile'] {
  return (wanted, variables) => compilePattern(wanted, { ...options, variables });
}

function ordered(read: (text: string) => number, holds: (order: number) => boolean): Operator['compile'] {
  return (wanted) => {
    const limit = read(wanted);
    if (Number.isNaN(limit)) throw new Error(`${wanted} is not understood`);
    return (value) => holds(read(value) - limit);
  };
}

function numberOf(value: string): number {
  return value.trim() === '' ? Number.NaN : Number(value);
}

/** ISO 8601, or seconds since the epoch. */
function dateOf(value: string): number {
  return /^\d{5,}(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value);
}

function truth(wanted: string): Test {
  const lowered = wanted.toLowerCase();
  if (lowered !== 'true' && lowered !== 'false') throw new Error(`wants true or false, not ${wanted}`);
  return (value) => value.toLowerCase() === lowered;
}

function address(wanted: string): Test {
  const [net = '', bits] = wanted.split('/');
  const family = isIP(net);
  const prefix = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits);
  if (family === 0 || !Number.isInteger(prefix)) throw new Error(`${wanted} is not an address range`);
  const range = new BlockList();
  range.addSubnet(net, prefix, family === 6 ? 'ipv6' : 'ipv4');
  return (value) => isIP(value) !== 0 && range.check(value, isIP(value) === 6 ? 'ipv6' : 'ipv4');
}
