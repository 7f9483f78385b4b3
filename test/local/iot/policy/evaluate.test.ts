// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of policies
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePolicy, evaluate, validatePolicyDocument } from '#local/iot/policy/evaluate.ts';
import type { Variables } from '#local/iot/policy/pattern.ts';

const arn = 'arn:aws:iot:eu-central-1:000000000000';

interface Ask {
  readonly action?: string;
  readonly resource?: string;
  readonly variables?: Readonly<Record<string, string | readonly string[]>>;
}

const statement = (effect: 'Allow' | 'Deny', action: unknown, resource: unknown, Condition?: unknown) => ({
  Effect: effect,
  Action: action,
  Resource: resource,
  ...(Condition === undefined ? {} : { Condition }),
});

const policy = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

function decide(documents: readonly string[], { action = 'iot:Publish', resource = 'topic/a', variables = {} }: Ask) {
  const lookUp: Variables = (name) => variables[name];
  return evaluate(documents.map(compilePolicy), { action, resource: `${arn}:${resource}`, variables: lookUp });
}

const allows = (document: string, ask: Ask) => decide([document], ask) === 'allowed';

describe('resources and actions', () => {
  test.each([
    ['topic/a', 'topic/a', true],
    ['topic/a', 'topic/ab', false],
    ['topic/a/*', 'topic/a/b/c', true],
    ['topic/*/c', 'topic/a/b/c', true],
    ['topic/*/c', 'topic/a/b/d', false],
    ['topic/?', 'topic/a', true],
    ['topic/?', 'topic/', false],
    ['topic/?', 'topic/ab', false],
    ['topic/a+b', 'topic/a+b', true],
    ['topic/a+b', 'topic/aab', false],
    ['topicfilter/a/+', 'topicfilter/a/b', false],
    ['topicfilter/a/+', 'topicfilter/a/+', true],
    ['topicfilter/a/#', 'topicfilter/a/b', false],
    ['topicfilter/a/*', 'topicfilter/a/#', true],
    ['topic/A', 'topic/a', false],
    ['topic/${*}', 'topic/*', true],
    ['topic/${*}', 'topic/a', false],
    ['topic/${?}${$}', 'topic/?$', true],
    ['topic/$aws/things/a', 'topic/$aws/things/a', true],
  ])('%s %s: %s', (pattern, resource, expected) => {
    expect(allows(policy(statement('Allow', 'iot:Publish', `${arn}:${pattern}`)), { resource })).toBe(expected);
  });

  test.each([
    ['iot:publish', true],
    ['IOT:PUBLISH', true],
    ['iot:*', true],
    ['*', true],
    ['iot:Pub*', true],
    ['iot:Subscribe', false],
    ['iot:RetainPublish', false],
  ])('the action %s matches iot:Publish: %s', (action, expected) => {
    expect(allows(policy(statement('Allow', action, '*')), {})).toBe(expected);
  });

  test('a Deny of a restricted filter does not stop a wider subscription, as on AWS', () => {
    const document = policy(
      statement('Allow', 'iot:Subscribe', `${arn}:topicfilter/a/*`),
      statement('Deny', 'iot:Subscribe', `${arn}:topicfilter/a/restricted/*`),
    );

    expect(allows(document, { action: 'iot:Subscribe', resource: 'topicfilter/a/#' })).toBe(true);
    expect(allows(document, { action: 'iot:Subscribe', resource: 'topicfilter/a/restricted/x' })).toBe(false);
  });

  test('nothing is allowed without a policy', () => {
    expect(decide([], {})).toBe('not allowed');
  });

  test('a Deny wins, in whatever policy and order it stands', () => {
    const all = policy(statement('Allow', 'iot:*', '*'));
    const deny = policy(statement('Deny', 'iot:Publish', `${arn}:topic/a`));

    expect(decide([all, deny], {})).toBe('denied by a statement');
    expect(decide([deny, all], {})).toBe('denied by a statement');
    expect(decide([all, deny], { resource: 'topic/b' })).toBe('allowed');
  });
});

describe('variables', () => {
  const own = policy(statement('Allow', 'iot:Publish', `${arn}:topic/vehicles/\${iot:ClientId}/reports`));

  test('stand for their value', () => {
    expect(allows(own, { resource: 'topic/vehicles/v1/reports', variables: { 'iot:ClientId': 'v1' } })).toBe(true);
    expect(allows(own, { resource: 'topic/vehicles/v2/reports', variables: { 'iot:ClientId': 'v1' } })).toBe(false);
  });

  test('that are not defined open nothing, not even their own text', () => {
    expect(allows(own, { resource: 'topic/vehicles//reports' })).toBe(false);
    expect(allows(own, { resource: 'topic/vehicles/${iot:ClientId}/reports' })).toBe(false);
  });

  test('are plain text in a policy without the version of 2012', () => {
    const old = JSON.stringify({ Statement: statement('Allow', 'iot:Publish', `${arn}:topic/\${iot:ClientId}`) });

    expect(allows(old, { resource: 'topic/v1', variables: { 'iot:ClientId': 'v1' } })).toBe(false);
  });

  test('a client id of * or ? gains nothing', () => {
    for (const id of ['*', '?', '??', 'v*', '${*}', '${iot:ClientId}']) {
      const variables = { 'iot:ClientId': id };
      expect(allows(own, { resource: 'topic/vehicles/v1/reports', variables })).toBe(false);
      expect(allows(own, { resource: `topic/vehicles/${id}/reports`, variables })).toBe(true);
    }
  });

  test('a client id of + or # does not become a wildcard of a subscription', () => {
    const document = policy(statement('Allow', 'iot:Subscribe', `${arn}:topicfilter/vehicles/\${iot:ClientId}`));

    for (const id of ['+', '#', 'a/+', 'a/#']) {
      const ask = {
        action: 'iot:Subscribe',
        resource: `topicfilter/vehicles/${id}`,
        variables: { 'iot:ClientId': id },
      };
      expect(allows(document, ask)).toBe(false);
    }
  });

  test('no client id ever reaches the topics of another', () => {
    const id = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.string({ unit: fc.constantFrom('*', '?', '$', '{', '}', '+', '#', '/', 'a', '\\', '[', '.'), minLength: 1 }),
    );
    fc.assert(
      fc.property(id, id, (me, other) => {
        const ask = { resource: `topic/vehicles/${other}/reports`, variables: { 'iot:ClientId': me } };
        expect(allows(own, ask)).toBe(me === other);
      }),
    );
  });
});

describe('wildcards', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '𝄞'), maxLength: 12 });
  const wild = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*', '?', '𝄞'), maxLength: 8 });

  test('match what the same regular expression matches', () => {
    fc.assert(
      fc.property(wild, text, (pattern, subject) => {
        const expression = [...`${arn}:topic/${pattern}`].map((one) =>
          one === '*' ? '.*' : one === '?' ? '.' : one.replace(/[.\\+()[\]{}^$|]/, '\\$&'),
        );
        const expected = new RegExp(`^${expression.join('')}$`, 'su').test(`${arn}:topic/${subject}`);

        expect(
          allows(policy(statement('Allow', 'iot:Publish', `${arn}:topic/${pattern}`)), {
            resource: `topic/${subject}`,
          }),
        ).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('take no exponential time', () => {
    const document = policy(statement('Allow', 'iot:Publish', `${'a*'.repeat(100)}b`));
    const started = performance.now();

    expect(allows(document, { resource: `topic/${'a'.repeat(240)}` })).toBe(false);
    expect(performance.now() - started).toBeLessThan(100);
  });
});

describe('conditions', () => {
  const connect = (effect: 'Allow' | 'Deny', Condition: unknown) => statement(effect, 'iot:Connect', '*', Condition);
  const allowsConnect = (document: string, variables: Readonly<Record<string, string | readonly string[]>>) =>
    allows(document, { action: 'iot:Connect', resource: 'client/v1', variables });

  test.each([
    [['PersistentConnect'], [], true],
    [['PersistentConnect'], ['PersistentConnect'], true],
    [['PersistentConnect'], ['LastWill'], false],
    [['PersistentConnect', 'LastWill'], ['PersistentConnect', 'LastWill'], true],
    [[], [], true],
    [[], ['PersistentConnect'], false],
  ])('ConnectAttributes %j admit a connection with %j: %s', (listed, used, expected) => {
    const document = policy(connect('Allow', { 'ForAllValues:StringEquals': { 'iot:ConnectAttributes': listed } }));

    expect(allowsConnect(document, { 'iot:ConnectAttributes': used })).toBe(expected);
  });

  test('a Deny for no ConnectAttributes blocks plain connections alone', () => {
    const document = policy(
      statement('Allow', 'iot:Connect', '*'),
      connect('Deny', { 'ForAllValues:StringEquals': { 'iot:ConnectAttributes': [] } }),
    );

    expect(allowsConnect(document, { 'iot:ConnectAttributes': [] })).toBe(false);
    expect(allowsConnect(document, { 'iot:ConnectAttributes': ['LastWill'] })).toBe(true);
  });

  test.each<[object, Readonly<Record<string, string | readonly string[]>>, boolean]>([
    [{ Bool: { 'iot:Connection.Thing.IsAttached': ['true'] } }, { 'iot:Connection.Thing.IsAttached': 'true' }, true],
    [{ Bool: { 'iot:Connection.Thing.IsAttached': true } }, { 'iot:Connection.Thing.IsAttached': 'false' }, false],
    [{ StringEquals: { k: 'a*' } }, { k: 'ab' }, false],
    [{ StringLike: { k: 'a*' } }, { k: 'ab' }, true],
    [{ StringLike: { k: '${v}*' } }, { k: 'ab', v: 'a' }, true],
    [{ StringLike: { k: '${v}' } }, { k: 'ab', v: '*' }, false],
    [{ StringNotEquals: { k: ['a', 'b'] } }, { k: 'c' }, true],
    [{ StringNotEquals: { k: ['a', 'b'] } }, { k: 'b' }, false],
    [{ StringNotEquals: { k: 'a' } }, {}, true],
    [{ StringNotEquals: { k: '${v}' } }, { k: 'c' }, false],
    [{ StringNotLike: { k: 'a*' } }, { k: 'ab' }, false],
    [{ StringEqualsIgnoreCase: { k: 'AB' } }, { k: 'ab' }, true],
    [{ StringEquals: { k: 'a' } }, {}, false],
    [{ StringEqualsIfExists: { k: 'a' } }, {}, true],
    [{ StringEqualsIfExists: { k: 'a' } }, { k: 'b' }, false],
    [{ 'ForAnyValue:StringEquals': { k: ['a', 'b'] } }, { k: ['c', 'b'] }, true],
    [{ 'ForAnyValue:StringEquals': { k: ['a', 'b'] } }, {}, false],
    [{ 'ForAllValues:StringEquals': { k: ['a', 'b'] } }, { k: ['a', 'c'] }, false],
    [{ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }, { 'aws:SourceIp': '127.0.0.1' }, true],
    [{ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, { 'aws:SourceIp': '127.0.0.1' }, false],
    [{ IpAddress: { 'aws:SourceIp': '::1' } }, { 'aws:SourceIp': '::1' }, true],
    [{ NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, { 'aws:SourceIp': '127.0.0.1' }, true],
    [{ NumericLessThan: { k: 5 } }, { k: '4' }, true],
    [{ NumericLessThan: { k: 5 } }, { k: 'four' }, false],
    [{ NumericGreaterThanEquals: { k: '5' } }, { k: '5' }, true],
    [{ DateGreaterThan: { k: '2026-01-01T00:00:00Z' } }, { k: '2026-06-01T00:00:00Z' }, true],
    [{ Null: { k: 'true' } }, {}, true],
    [{ Null: { k: 'true' } }, { k: 'a' }, false],
    [{ Null: { k: 'false' } }, { k: 'a' }, true],
    [{ ArnLike: { k: 'arn:aws:iot:*:*:client/*' } }, { k: 'arn:aws:iot:r:a:client/x' }, true],
    [{ StringEquals: { k: 'a' }, Null: { j: 'true' } }, { k: 'a', j: 'x' }, false],
  ])('%j with %j: %s', (condition, variables, expected) => {
    expect(allowsConnect(policy(connect('Allow', condition)), variables)).toBe(expected);
  });
});

describe('a policy text is refused', () => {
  test.each([
    ['that is not JSON', '{', /JSON/],
    ['without statements', '{"Version":"2012-10-17","Statement":[]}', /malformed/],
    [
      'of an unknown version',
      '{"Version":"2020-01-01","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
      /malformed/,
    ],
    ['with an unknown effect', policy({ Effect: 'allow', Action: '*', Resource: '*' }), /Effect/],
    ['without resource', policy({ Effect: 'Allow', Action: 'iot:*' }), /Resource/],
    ['with NotAction', policy({ Effect: 'Allow', NotAction: 'iot:*', Resource: '*' }), /NotAction/],
    ['with a principal', policy({ ...statement('Allow', '*', '*'), Principal: '*' }), /Principal/],
    ['with an action that is none', policy(statement('Allow', 'publish', '*')), /"publish" is not an action/],
    ['with an unknown operator', policy(statement('Allow', '*', '*', { StringIs: { k: 'a' } })), /StringIs/],
    ['of more than 2,048 characters', policy(statement('Allow', '*', 'x'.repeat(2048))), /2048/],
  ])('%s', (_, text, reason) => {
    expect(() => validatePolicyDocument(text)).toThrow(
      expect.objectContaining({ name: 'MalformedPolicyException', message: expect.stringMatching(reason) }),
    );
  });

  test('but whitespace does not count', () => {
    const text = `${' '.repeat(5000)}${policy(statement('Allow', '*', '*'))}`;

    expect(() => validatePolicyDocument(text)).not.toThrow();
  });
});
