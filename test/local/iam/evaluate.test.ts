// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like that.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '#local/iam/evaluate.ts';
import { compilePolicy, validatePolicy } from '#local/iam/policy.ts';

type Context = Record<string, string | readonly string[]>;

const table = 'arn:aws:dynamodb:eu-central-1:000000000000:table/Registry';

function decide(statements: unknown, action: string, resource: string, context: Context = {}, version = '2012-10-17') {
  const compiled = compilePolicy({ Version: version, Statement: statements }, 'identity', 'a policy');
  return evaluate(compiled, { action, resource, context });
}

const allow = (Action: unknown, Resource: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: unknown, Resource: unknown, more: object = {}) => ({ Effect: 'Deny', Action, Resource, ...more });

describe('the order of decisions', () => {
  test.each<[string, unknown[], string]>([
    ['nothing is allowed without a statement', [], 'deny-implicit'],
    ['an allow allows', [allow('dynamodb:GetItem', table)], 'allow'],
    ['a deny beats an allow before it', [allow('*', '*'), deny('dynamodb:GetItem', table)], 'deny-explicit'],
    ['a deny beats an allow after it', [deny('dynamodb:GetItem', table), allow('*', '*')], 'deny-explicit'],
    ['a deny of something else does not matter', [allow('*', '*'), deny('dynamodb:PutItem', table)], 'allow'],
    ['an allow of something else does not help', [allow('dynamodb:PutItem', table)], 'deny-implicit'],
    [
      'a deny whose condition fails does not matter',
      [allow('*', '*'), deny('*', '*', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
      'allow',
    ],
  ])('%s', (_, statements, decision) => {
    expect(decide(statements, 'dynamodb:GetItem', table, { 'aws:SecureTransport': 'true' })).toBe(decision);
  });
});

describe('actions', () => {
  test.each<[object, string, boolean]>([
    [{ Action: 'dynamodb:GetItem' }, 'dynamodb:GetItem', true],
    [{ Action: 'DynamoDB:getitem' }, 'dynamodb:GetItem', true],
    [{ Action: 'dynamodb:*' }, 'dynamodb:GetItem', true],
    [{ Action: 'dynamodb:Get*' }, 'dynamodb:BatchGetItem', false],
    [{ Action: 'dynamodb:*Item' }, 'dynamodb:BatchGetItem', true],
    [{ Action: 'dynamodb:?etItem' }, 'dynamodb:GetItem', true],
    [{ Action: 'dynamodb:?etItem' }, 'dynamodb:etItem', false],
    [{ Action: ['sqs:*', 'dynamodb:GetItem'] }, 'dynamodb:GetItem', true],
    [{ Action: '*' }, 'iot:Publish', true],
    [{ NotAction: 'iam:*' }, 'dynamodb:GetItem', true],
    [{ NotAction: ['iam:*', 'dynamodb:GetItem'] }, 'dynamodb:GetItem', false],
  ])('%j and %s: %s', (names, action, allowed) => {
    expect(decide({ Effect: 'Allow', Resource: '*', ...names }, action, table)).toBe(
      allowed ? 'allow' : 'deny-implicit',
    );
  });
});

describe('resources', () => {
  test.each<[object, string, boolean]>([
    [{ Resource: '*' }, table, true],
    [{ Resource: table }, table, true],
    [{ Resource: table }, `${table}/index/byModel`, false],
    [{ Resource: [table, `${table}/index/*`] }, `${table}/index/byModel`, true],
    [{ Resource: table.toLowerCase() }, table, false],
    [{ Resource: 'arn:aws:dynamodb:*:*:table/Registry' }, table, true],
    [{ Resource: 'arn:aws:dynamodb:eu-central-?:*:table/R*y' }, table, true],
    [{ Resource: 'arn:aws:dynamodb:*:table/Registry' }, table, false],
    [{ Resource: 'arn:aws:dynamodb:*' }, table, true],
    [{ Resource: 'arn:aws:iot:*:*:topic/a/*' }, 'arn:aws:iot:eu-central-1:0:topic/a/b:c/d', true],
    [{ Resource: 'arn:aws:s3:::bucket/a.b' }, 'arn:aws:s3:::bucket/axb', false],
    [{ NotResource: table }, table, false],
    [{ NotResource: 'arn:aws:s3:::*' }, table, true],
  ])('%j and %s: %s', (names, resource, allowed) => {
    expect(decide({ Effect: 'Allow', Action: '*', ...names }, 'a:b', resource)).toBe(
      allowed ? 'allow' : 'deny-implicit',
    );
  });

  test('a wildcard in the region does not reach over the account', () => {
    const ours = 'arn:aws:lambda:*:000000000000:function:f';
    expect(decide(allow('*', ours), 'a:b', 'arn:aws:lambda:r:111111111111:x:000000000000:function:f')).toBe(
      'deny-implicit',
    );
  });

  test('a policy variable is replaced from the request, and only literally', () => {
    const own = allow('*', 'arn:aws:s3:::bucket/${aws:PrincipalTag/team}/*');
    const of = (team: Context) => decide(own, 'a:b', 'arn:aws:s3:::bucket/red/x', team);
    expect(of({ 'aws:PrincipalTag/team': 'red' })).toBe('allow');
    expect(of({ 'aws:PrincipalTag/team': 'blue' })).toBe('deny-implicit');
    expect(of({ 'aws:PrincipalTag/team': '*' })).toBe('deny-implicit');
    expect(of({})).toBe('deny-implicit');
    expect(decide(own, 'a:b', 'arn:aws:s3:::bucket/red/x', { 'aws:PrincipalTag/team': 'red' }, '2008-10-17')).toBe(
      'deny-implicit',
    );
  });

  test('a policy variable can have a default, and ${*} is a star', () => {
    const fallback = allow('*', "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'none'}/${*}");
    expect(decide(fallback, 'a:b', 'arn:aws:s3:::bucket/none/*')).toBe('allow');
    expect(decide(fallback, 'a:b', 'arn:aws:s3:::bucket/none/x')).toBe('deny-implicit');
  });
});

describe('conditions', () => {
  const k = (value: string | readonly string[]): Context => ({ 'aws:K': value });
  test.each<[object, Context, boolean]>([
    [{ StringEquals: { 'aws:K': 'a' } }, k('a'), true],
    [{ StringEquals: { 'AWS:k': 'a' } }, k('a'), true],
    [{ StringEquals: { 'aws:K': ['b', 'a'] } }, k('a'), true],
    [{ StringEquals: { 'aws:K': 'a' } }, k('A'), false],
    [{ StringEquals: { 'aws:K': 'a*' } }, k('ab'), false],
    [{ StringEquals: { 'aws:K': 'a' } }, {}, false],
    [{ StringEquals: { 'aws:K': '${aws:L}' } }, { 'aws:K': 'x', 'aws:L': 'x' }, true],
    [{ StringEqualsIfExists: { 'aws:K': 'a' } }, {}, true],
    [{ StringEqualsIfExists: { 'aws:K': 'a' } }, k('b'), false],
    [{ StringNotEquals: { 'aws:K': ['a', 'b'] } }, k('b'), false],
    [{ StringNotEquals: { 'aws:K': ['a', 'b'] } }, k('c'), true],
    [{ StringNotEquals: { 'aws:K': 'a' } }, {}, true],
    [{ StringEqualsIgnoreCase: { 'aws:K': 'ab' } }, k('aB'), true],
    [{ StringNotEqualsIgnoreCase: { 'aws:K': 'ab' } }, k('aB'), false],
    [{ StringLike: { 'aws:K': 'a*c?' } }, k('abbcd'), true],
    [{ StringLike: { 'aws:K': 'a*' } }, k('ba'), false],
    [{ StringNotLike: { 'aws:K': 'a*' } }, k('ba'), true],
    [{ ArnLike: { 'aws:K': 'arn:aws:iot:*:000000000000:rule/*' } }, k('arn:aws:iot:r:000000000000:rule/x'), true],
    [{ ArnEquals: { 'aws:K': 'arn:aws:iot:*:000000000000:rule/*' } }, k('arn:aws:iot:r:1:rule/x'), false],
    [{ ArnNotLike: { 'aws:K': 'arn:aws:iot:*:*:rule/*' } }, k('arn:aws:iot:r:1:rule/x'), false],
    [{ ArnNotEquals: { 'aws:K': 'arn:aws:iot:*:*:rule/*' } }, k('arn:aws:sqs:r:1:q'), true],
    [{ NumericEquals: { 'aws:K': '10' } }, k('10.0'), true],
    [{ NumericNotEquals: { 'aws:K': 10 } }, k('11'), true],
    [{ NumericLessThan: { 'aws:K': '10' } }, k('9'), true],
    [{ NumericLessThan: { 'aws:K': '10' } }, k('nine'), false],
    [{ NumericLessThanEquals: { 'aws:K': '10' } }, k('10'), true],
    [{ NumericGreaterThan: { 'aws:K': '10' } }, k('10'), false],
    [{ NumericGreaterThanEquals: { 'aws:K': '10' } }, k('10'), true],
    [{ DateLessThan: { 'aws:K': '2026-01-01T00:00:00Z' } }, k('2025-12-31T23:59:59Z'), true],
    [{ DateGreaterThan: { 'aws:K': '2026-01-01T00:00:00Z' } }, k('1767225601'), true],
    [{ DateEquals: { 'aws:K': '1767225600' } }, k('2026-01-01T00:00:00Z'), true],
    [{ DateNotEquals: { 'aws:K': '1767225600' } }, k('2026-01-01T00:00:00Z'), false],
    [{ Bool: { 'aws:K': 'true' } }, k('TRUE'), true],
    [{ Bool: { 'aws:K': true } }, k('false'), false],
    [{ Bool: { 'aws:K': 'false' } }, {}, false],
    [{ BoolIfExists: { 'aws:K': 'false' } }, {}, true],
    [{ BinaryEquals: { 'aws:K': 'QmluYXJ5' } }, k('QmluYXJ5'), true],
    [{ IpAddress: { 'aws:K': '203.0.113.0/24' } }, k('203.0.113.7'), true],
    [{ IpAddress: { 'aws:K': '203.0.113.0/24' } }, k('203.0.114.7'), false],
    [{ IpAddress: { 'aws:K': '203.0.113.7' } }, k('203.0.113.7'), true],
    [{ IpAddress: { 'aws:K': '2001:db8::/32' } }, k('2001:db8::1'), true],
    [{ NotIpAddress: { 'aws:K': '203.0.113.0/24' } }, k('203.0.113.7'), false],
    [{ Null: { 'aws:K': 'true' } }, {}, true],
    [{ Null: { 'aws:K': 'true' } }, k('a'), false],
    [{ Null: { 'aws:K': false } }, k('a'), true],
    [{ 'ForAllValues:StringEquals': { 'aws:K': ['a', 'b'] } }, k(['a', 'b']), true],
    [{ 'ForAllValues:StringEquals': { 'aws:K': ['a', 'b'] } }, k(['a', 'c']), false],
    [{ 'ForAllValues:StringEquals': { 'aws:K': 'a' } }, {}, true],
    [{ 'ForAnyValue:StringEquals': { 'aws:K': ['a', 'b'] } }, k(['c', 'b']), true],
    [{ 'ForAnyValue:StringEquals': { 'aws:K': 'a' } }, k(['c', 'b']), false],
    [{ 'ForAnyValue:StringEquals': { 'aws:K': 'a' } }, {}, false],
    [{ 'ForAnyValue:StringNotEquals': { 'aws:K': 'a' } }, {}, false],
    [{ 'ForAnyValue:StringLike': { 'aws:K': 'a*' } }, k(['c', 'ab']), true],
    [{ StringEquals: { 'aws:K': 'a', 'aws:L': 'b' } }, { 'aws:K': 'a' }, false],
    [{ StringEquals: { 'aws:K': 'a' }, StringLike: { 'aws:L': 'b*' } }, { 'aws:K': 'a', 'aws:L': 'bc' }, true],
  ])('%j with %j: %s', (condition, context, holds) => {
    const decision = decide(allow('a:b', '*', { Condition: condition }), 'a:b', table, context);
    expect(decision).toBe(holds ? 'allow' : 'deny-implicit');
  });
});

describe('a policy that is not understood is refused when it is read', () => {
  test.each<[object, string]>([
    [
      allow('a:b', '*', { Condition: { StringSounds: { k: 'x' } } }),
      'the condition operator StringSounds is not known',
    ],
    [
      allow('a:b', '*', { Condition: { NullIfExists: { k: 'true' } } }),
      'the condition operator NullIfExists is not known',
    ],
    [allow('a:b', '*', { Condition: { NumericEquals: { k: 'ten' } } }), 'NumericEquals of k: ten is not understood'],
    [allow('a:b', '*', { Condition: { IpAddress: { k: 'home' } } }), 'IpAddress of k: home is not an address range'],
    [allow('a:b', '*', { Condition: { Bool: { k: 'maybe' } } }), 'Bool of k: wants true or false'],
    [allow('a:b', '${aws:}'), 'the resource ${aws:} is neither'],
    [allow('a:b', 'arn:aws:s3:::${broken}'), 'the policy variable ${broken} is not understood'],
    [allow('publish', '*'), 'the action publish is malformed'],
    [allow('a:b', 'Registry'), 'the resource Registry is neither * nor an ARN'],
    [{ Effect: 'Allow', Resource: '*' }, 'wants either Action or NotAction'],
    [allow('a:b', '*', { NotAction: 'a:c' }), 'wants either Action or NotAction'],
    [{ Effect: 'Allow', Action: 'a:b' }, 'Resource is missing'],
    [allow('a:b', '*', { NotResource: '*' }), 'wants either Resource or NotResource'],
    [allow('a:b', '*', { Principal: '*' }), 'an identity policy has no Principal'],
    [allow('a:b', '*', { NotPrincipal: '*' }), 'NotPrincipal'],
    [{ Effect: 'Perhaps', Action: 'a:b', Resource: '*' }, 'Effect'],
  ])('%j', (statement, reason) => {
    const document = { Version: '2012-10-17', Statement: [statement] };
    expect(() => validatePolicy(document, 'identity', 'The policy of the role')).toThrow(reason);
    expect(() => validatePolicy(document, 'identity', 'The policy of the role')).toThrow('The policy of the role');
  });

  test('an understood policy comes back as it was', () => {
    const document = { Version: '2012-10-17', Statement: [allow('a:b', '*', { Sid: 'One' })] };
    expect(validatePolicy(document, 'identity', 'p')).toEqual(document);
  });
});

describe('properties of matching', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', ':', '(', '\\', '$', '^') });

  test('a resource without wildcards allows itself and nothing else', () => {
    fc.assert(
      fc.property(name, name, (wanted, other) => {
        const of = (text: string) => `arn:aws:iot:r:0:topic/${text}`;
        expect(decide(allow('*', of(wanted)), 'a:b', of(other))).toBe(wanted === other ? 'allow' : 'deny-implicit');
      }),
    );
  });

  test('a prefix with a star allows exactly what begins with it', () => {
    fc.assert(
      fc.property(name, name, (prefix, other) => {
        const of = (text: string) => `arn:aws:iot:r:0:topic/${text}`;
        const allowed = decide(allow('*', of(`${prefix}*`)), 'a:b', of(other)) === 'allow';
        expect(allowed).toBe(other.startsWith(prefix));
      }),
    );
  });

  test('adding a deny never allows more, adding an allow never denies what was allowed', () => {
    const statement = fc.record({
      Effect: fc.constantFrom('Allow', 'Deny'),
      Action: fc.constantFrom('a:b', 'a:*', '*', 'c:d'),
      Resource: fc.constantFrom('*', table, `${table}/*`),
    });
    fc.assert(
      fc.property(fc.array(statement), statement, (policy, added) => {
        const before = decide(policy, 'a:b', table);
        const after = decide([...policy, added], 'a:b', table);
        if (added.Effect === 'Allow' && before === 'allow') expect(after).toBe('allow');
        if (added.Effect === 'Deny' && before !== 'allow') expect(after).not.toBe('allow');
      }),
    );
  });
});
