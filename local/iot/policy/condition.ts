import { BlockList, isIP } from 'node:net';
import { AwsError } from '#local/aws-error.ts';
import { compilePattern, matches, type Pattern, type Variables } from './pattern.ts';

/** One operator with one key of a `Condition` block. */
export interface Condition {
  readonly key: string;
  readonly quantifier: 'one' | 'all' | 'any';
  readonly ifExists: boolean;
  readonly negated: boolean;
  /** `null`: the condition asks only whether the key is there. */
  readonly compare: Compare | 'null';
  readonly expected: readonly Pattern[];
}

/** Undefined: a variable of the expectation is not defined. */
type Compare = (expected: Pattern, actual: string, variables: Variables) => boolean | undefined;

const text =
  (options: { readonly ignoreCase?: boolean; readonly wildcards?: boolean }): Compare =>
  (expected, actual, variables) =>
    matches(expected, actual, variables, options);

const exact = text({ wildcards: false });

function ordered(parse: (value: string) => number, holds: (actual: number, expected: number) => boolean): Compare {
  return (expected, actual) => {
    const [left, right] = [parse(actual), parse(expected.source)];
    return !Number.isNaN(left) && !Number.isNaN(right) && holds(left, right);
  };
}

const number = (value: string): number => (value.trim() === '' ? Number.NaN : Number(value));
const date = (value: string): number => (/^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value));

const operators: Readonly<Record<string, Compare>> = {
  StringEquals: exact,
  StringEqualsIgnoreCase: text({ wildcards: false, ignoreCase: true }),
  StringLike: text({}),
  ArnEquals: text({}),
  ArnLike: text({}),
  Bool: text({ wildcards: false, ignoreCase: true }),
  IpAddress: (expected, actual) => isWithin(actual, expected.source),
  NumericEquals: ordered(number, (a, b) => a === b),
  NumericLessThan: ordered(number, (a, b) => a < b),
  NumericLessThanEquals: ordered(number, (a, b) => a <= b),
  NumericGreaterThan: ordered(number, (a, b) => a > b),
  NumericGreaterThanEquals: ordered(number, (a, b) => a >= b),
  DateEquals: ordered(date, (a, b) => a === b),
  DateLessThan: ordered(date, (a, b) => a < b),
  DateLessThanEquals: ordered(date, (a, b) => a <= b),
  DateGreaterThan: ordered(date, (a, b) => a > b),
  DateGreaterThanEquals: ordered(date, (a, b) => a >= b),
};

const opposites: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NotIpAddress: 'IpAddress',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
};

/** Throws `AwsError` MalformedPolicyException for an operator that IoT policies do not have. */
export function compileCondition(
  operator: string,
  key: string,
  expected: readonly string[],
  variables: boolean,
): Condition {
  const [, quantifier, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  const opposite = opposites[name];
  const compare = name === 'Null' ? 'null' : operators[opposite ?? name];
  if (compare === undefined) {
    throw new AwsError('MalformedPolicyException', 400, `"${operator}" is not a condition operator.`);
  }
  return {
    key,
    quantifier: quantifier === 'ForAllValues' ? 'all' : quantifier === 'ForAnyValue' ? 'any' : 'one',
    ifExists: ifExists !== undefined,
    negated: opposite !== undefined,
    compare,
    expected: expected.map((value) => compilePattern(value, variables)),
  };
}

/** IAM's rules for conditions; a variable that is not defined makes the condition fail. */
export function holds(condition: Condition, variables: Variables): boolean {
  const { compare, expected, negated, quantifier } = condition;
  const found = variables(condition.key);
  const actual = found === undefined ? [] : typeof found === 'string' ? [found] : found;
  if (compare === 'null') {
    return expected.some(({ source }) => (source === 'true') === (found === undefined));
  }
  if (found === undefined && condition.ifExists) return true;
  if (expected.some((pattern) => hasUndefinedVariable(pattern, variables))) return false;
  const equals = (value: string) => expected.some((pattern) => compare(pattern, value, variables) === true);
  const satisfies = (value: string) => equals(value) !== negated;
  if (quantifier === 'all') return actual.every(satisfies);
  if (quantifier === 'any') return actual.some(satisfies);
  return negated ? actual.every(satisfies) : actual.some(satisfies);
}

function hasUndefinedVariable(pattern: Pattern, variables: Variables): boolean {
  return pattern.hasVariables && matches(pattern, '', variables) === undefined;
}

function isWithin(address: string, range: string): boolean {
  const [network = '', prefix] = range.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(address) !== family) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix);
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) return false;
  list.addSubnet(network, bits, type);
  return list.check(address, type);
}
