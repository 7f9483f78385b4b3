// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub is written like that.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isIntrinsicName, isObject, referencesIn } from '#local/template/intrinsics.ts';
import { type Meaning, resolve } from '#local/template/resolver.ts';

const meaning: Meaning = {
  ref(name) {
    if (name === 'AWS::Region') return 'eu-central-1';
    if (name === 'Queue') return 'http://127.0.0.1:4566/000000000000/queue';
    throw new Error(`${name} does not exist`);
  },
  attribute(logicalId, name) {
    if (logicalId === 'Table' && name === 'Arn') return 'arn:table';
    if (logicalId === 'Table' && name === 'Hosts.Names') return ['a', 'b'];
    throw new Error(`${logicalId} has no ${name}`);
  },
  condition: (name) => name === 'Yes',
  imported: (name) => `imported ${name}`,
  mapping: (map, top, second) => [map, top, second],
};

function resolved(value: unknown): unknown {
  return resolve(value, meaning, 'S/R.Properties');
}

describe('what an intrinsic function gives', () => {
  test.each<[unknown, unknown]>([
    [{ Ref: 'Queue' }, 'http://127.0.0.1:4566/000000000000/queue'],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:table'],
    [{ 'Fn::GetAtt': 'Table.Arn' }, 'arn:table'],
    [{ 'Fn::GetAtt': ['Table', 'Hosts.Names'] }, ['a', 'b']],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }, 7, true]] }, 'a-eu-central-1-7-true'],
    [{ 'Fn::Join': [',', { 'Fn::GetAtt': 'Table.Hosts.Names' }] }, 'a,b'],
    [{ 'Fn::Join': ['', ['a', { Ref: 'AWS::NoValue' }, 'b']] }, 'ab'],
    [{ 'Fn::Sub': 'x-${AWS::Region}-${Table.Arn}-${!Literal}' }, 'x-eu-central-1-arn:table-${Literal}'],
    [{ 'Fn::Sub': ['${Own}/${AWS::Region}', { Own: { Ref: 'AWS::Region' } }] }, 'eu-central-1/eu-central-1'],
    [{ 'Fn::Select': [1, ['a', 'b']] }, 'b'],
    [{ 'Fn::Select': ['5', { 'Fn::Split': [':', 'arn:aws:sqs:r:a:name'] }] }, 'name'],
    [{ 'Fn::If': ['Yes', 'a', { Ref: 'Nobody' }] }, 'a'],
    [{ 'Fn::If': ['No', { Ref: 'Nobody' }, 'b'] }, 'b'],
    [{ 'Fn::ImportValue': { 'Fn::Sub': 'x-${AWS::Region}' } }, 'imported x-eu-central-1'],
    [{ 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 's'] }, ['M', 'eu-central-1', 's']],
    [{ a: { 'Fn::If': ['Yes', { Ref: 'AWS::NoValue' }, 1] }, b: [{ Ref: 'AWS::NoValue' }, 2] }, { b: [2] }],
    [{ Ref: 'AWS::NoValue' }, undefined],
    ['${iot:Connection.Thing.ThingName}', '${iot:Connection.Thing.ThingName}'],
  ])('%j is %j', (value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });
});

describe('what is not understood is named with its place', () => {
  test.each<[unknown, string]>([
    [{ Code: { 'Fn::GetAZs': '' } }, 'S/R.Properties.Code.Fn::GetAZs: the local cloud does not know'],
    [{ Code: [{ 'Fn::Base64': 'a' }] }, 'S/R.Properties.Code[0].Fn::Base64: the local cloud does not know'],
    [{ Code: { Ref: 'Nobody' } }, 'S/R.Properties.Code.Ref: Nobody does not exist'],
    [{ Code: { 'Fn::GetAtt': ['Table', 'Nothing'] } }, 'Code.Fn::GetAtt: Table has no Nothing'],
    [{ Code: { 'Fn::Sub': '${Table.Nothing}' } }, 'Code.Fn::Sub.Fn::GetAtt: Table has no Nothing'],
    [{ Code: { Ref: 'Queue', Other: 1 } }, 'S/R.Properties.Code: Ref stands beside other keys (Ref, Other)'],
    [{ Code: { 'Fn::Select': [2, ['a', 'b']] } }, 'there is no element 2 in a list of 2'],
    [{ Code: { 'Fn::Join': ['-', 'a'] } }, 'Code.Fn::Join[1]: wants a list'],
    [{ Code: { 'Fn::Join': ['-', [{ a: 1 }]] } }, 'wants a text, not {"a":1}'],
    [{ Code: { 'Fn::Split': ['-'] } }, 'wants a list of 2 arguments'],
    [{ Code: '{{resolve:ssm:/name}}' }, 'the dynamic reference {{resolve:ssm:/name}} cannot be resolved'],
  ])('%j', (value, reason) => {
    expect(() => resolved(value)).toThrow(reason);
  });
});

describe('properties', () => {
  const plainKey = fc.string().filter((key) => !isIntrinsicName(key) && key !== '__proto__');
  const plain = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string().filter((text) => !text.includes('{{resolve:')),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(plainKey, tie('value')),
    ),
  })).value;

  test('a value without intrinsics resolves to itself', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(resolved(value)).toEqual(value);
      }),
    );
  });

  const intrinsic = fc.letrec((tie) => ({
    text: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>('a', { Ref: 'Queue' }, { 'Fn::GetAtt': ['Table', 'Arn'] }),
      fc.record({ 'Fn::Join': fc.tuple(fc.constant('/'), fc.array(tie('text'))) }),
      fc.record({ 'Fn::If': fc.tuple(fc.constantFrom('Yes', 'No'), tie('text'), tie('text')) }),
      fc.record({ 'Fn::Select': fc.tuple(fc.constant(0), fc.array(tie('text'), { minLength: 1 })) }),
      fc.record({ 'Fn::Sub': fc.constant('${AWS::Region}') }),
    ),
    value: fc.oneof({ maxDepth: 3 }, tie('text'), fc.array(tie('value')), fc.dictionary(plainKey, tie('value'))),
  })).value;

  test('nothing that was resolved holds an intrinsic', () => {
    fc.assert(
      fc.property(intrinsic, (value) => {
        const result = resolved(value);
        expect(holdsIntrinsic(result)).toBe(false);
        expect(resolved(result)).toEqual(result);
      }),
    );
  });

  test('Fn::Split takes apart what Fn::Join put together', () => {
    const part = fc.string().filter((text) => !text.includes('|') && !text.includes('{{'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        expect(resolved({ 'Fn::Split': ['|', { 'Fn::Join': ['|', parts] }] })).toEqual(parts);
      }),
    );
  });

  test('every name that resolving asks for is among the references', () => {
    fc.assert(
      fc.property(intrinsic, (value) => {
        const asked = new Set<string>();
        const watching: Meaning = {
          ...meaning,
          ref: (name) => {
            asked.add(name);
            return meaning.ref(name);
          },
          attribute: (logicalId, name) => {
            asked.add(logicalId);
            return meaning.attribute(logicalId, name);
          },
        };
        resolve(value, watching, '');
        const references = referencesIn(value, '');
        expect([...asked].filter((name) => !references.has(name))).toEqual([]);
      }),
    );
  });
});

function holdsIntrinsic(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsIntrinsic);
  return (
    isObject(value) && Object.entries(value).some(([key, member]) => isIntrinsicName(key) || holdsIntrinsic(member))
  );
}
