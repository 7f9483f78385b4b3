// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub is written like that.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assetDirectory } from '#local/template/assembly.ts';
import { execute } from '#local/template/executor.ts';
import { ignoredTypes, reasonToIgnore } from '#local/template/ignored-types.ts';
import { physicalNameOf } from '#local/template/physical-name.ts';
import type { ResourceType } from '#local/template/resource-type.ts';
import { type WrittenStack, writeAssembly } from './written-assembly.ts';

const account = { region: 'eu-central-1', accountId: '000000000000' };

/** A type that remembers in which order its resources were made. */
function recordingType(type = 'Test::Thing') {
  const made: string[] = [];
  const handler: ResourceType = {
    type,
    create(properties, { logicalId, physicalName }) {
      if ('Unknown' in properties) throw new Error('the property Unknown is not understood');
      made.push(logicalId);
      return { ref: physicalName, attributes: { Arn: `arn:${logicalId}` } };
    },
  };
  return { made, handler };
}

function stack(Resources: Record<string, unknown>, more: Record<string, unknown> = {}): WrittenStack {
  return { template: { Resources, ...more } };
}

const thing = (Properties: unknown = {}, more: Record<string, unknown> = {}) => ({
  Type: 'Test::Thing',
  Properties,
  ...more,
});

async function run(stacks: Record<string, WrittenStack>) {
  const { made, handler } = recordingType();
  return { made, ...(await execute(writeAssembly(stacks), [handler], ignoredTypes, account)) };
}

describe('order', () => {
  test('a resource is made after all that it refers to, in whatever way', async () => {
    const { made } = await run({
      S: stack({
        BySub: thing({ a: { 'Fn::Sub': 'x-${ByJoin.Arn}' } }),
        ByJoin: thing({ a: { 'Fn::Join': ['', ['x', { Ref: 'ByGetAtt' }]] } }),
        ByGetAtt: thing({ a: [{ 'Fn::GetAtt': ['ByDependsOn', 'Arn'] }] }),
        ByDependsOn: thing({}, { DependsOn: 'Last' }),
        Last: thing(),
      }),
    });
    expect(made).toEqual(['Last', 'ByDependsOn', 'ByGetAtt', 'ByJoin', 'BySub']);
  });

  test('a circle is named', async () => {
    const circle = stack({ A: thing({ b: { Ref: 'B' } }), B: thing({ c: { 'Fn::Sub': '${A}' } }) });
    await expect(run({ S: circle })).rejects.toThrow('S: resources depend on each other in a circle: A → B → A');
  });

  test('a stack reads what an earlier stack exports, whichever stands first in the manifest', async () => {
    const { resources, stacks } = await run({
      Platform: { ...stack({ B: thing({ table: { 'Fn::ImportValue': 'Data:Arn' } }) }), dependencies: ['Data'] },
      Data: stack(
        { A: thing() },
        { Outputs: { Arn: { Value: { 'Fn::GetAtt': ['A', 'Arn'] }, Export: { Name: 'Data:Arn' } } } },
      ),
    });
    expect(resources.get('Platform/B')?.properties).toEqual({ table: 'arn:A' });
    expect(stacks.get('Data')).toEqual({ Arn: 'arn:A' });
  });
});

describe('refusals', () => {
  test('every unknown type of every stack is named before anything is made', async () => {
    const { made, handler } = recordingType();
    const directory = writeAssembly({
      One: stack({ A: thing(), B: { Type: 'AWS::EC2::VPC' } }),
      Two: stack({ C: { Type: 'AWS::EC2::VPC' }, D: { Type: 'Custom::Hidden' } }),
    });
    const refusal = execute(directory, [handler], ignoredTypes, account);
    await expect(refusal).rejects.toThrow(/AWS::EC2::VPC: One\/B, Two\/C\n {2}Custom::Hidden: Two\/D/);
    expect(made).toEqual([]);
  });

  test.each<[string, WrittenStack, string]>([
    ['a handler that objects', stack({ A: thing({ Unknown: 1 }) }), 'S/A (Test::Thing): the property Unknown'],
    [
      'a missing attribute',
      stack({ A: thing(), B: thing({ x: { 'Fn::GetAtt': 'A.Url' } }) }),
      'S/B.Properties.x.Fn::GetAtt: A (Test::Thing) has no attribute Url in the local cloud; it has Arn',
    ],
    [
      'a missing resource',
      stack({ B: thing({ x: { Ref: 'Nobody' } }) }),
      'S/B.Properties.x.Ref: Nobody does not exist in the stack S',
    ],
    ['a missing export', stack({ B: thing({ x: { 'Fn::ImportValue': 'e' } }) }), 'no stack before this one exports e'],
    ['DependsOn nobody', stack({ B: thing({}, { DependsOn: ['Nobody'] }) }), 'S/B.DependsOn: Nobody does not exist'],
    ['a creation policy', stack({ B: thing({}, { CreationPolicy: {} }) }), 'CreationPolicy'],
    ['a transform', stack({}, { Transform: 'AWS::Serverless-2016-10-31' }), 'Transform'],
    [
      'a parameter without default',
      stack({}, { Parameters: { P: { Type: 'String' } } }),
      'S/Parameters.P: has no default',
    ],
    [
      'a parameter from Systems Manager',
      stack({}, { Parameters: { P: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/p' } } }),
      'does not know the parameter type',
    ],
    [
      'an unknown condition function',
      stack({ A: thing({}, { Condition: 'C' }) }, { Conditions: { C: { 'Fn::Contains': [] } } }),
      'S/Conditions.C: the local cloud does not know Fn::Contains',
    ],
    [
      'a condition in a circle',
      stack({ A: thing({}, { Condition: 'C' }) }, { Conditions: { C: { Condition: 'C' } } }),
      'S/Conditions.C depends on itself',
    ],
    [
      'a reference to what a condition left out',
      stack(
        { A: thing({}, { Condition: 'No' }), B: thing({ a: { Ref: 'A' } }) },
        { Conditions: { No: { 'Fn::Equals': [1, 2] } } },
      ),
      'A is not made, because its condition No is false',
    ],
  ])('%s', async (_, written, reason) => {
    await expect(run({ S: written })).rejects.toThrow(reason);
  });
});

describe('the sections of a template', () => {
  test('parameters, pseudo parameters, mappings and conditions have their values', async () => {
    const { resources } = await run({
      S: stack(
        {
          A: thing({
            stage: { Ref: 'Stage' },
            brands: { Ref: 'Brands' },
            pseudo: { 'Fn::Sub': '${AWS::Partition} ${AWS::AccountId} ${AWS::StackName} ${AWS::URLSuffix}' },
            size: { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'size'] },
            cheap: { 'Fn::If': ['Cheap', 'yes', 'no'] },
            short: { 'Fn::If': ['Short', 'yes', 'no'] },
            left: { 'Fn::If': ['Both', { Ref: 'AWS::NoValue' }, 'kept'] },
          }),
          Skipped: thing({}, { Condition: 'Both' }),
        },
        {
          Parameters: {
            Stage: { Type: 'String', Default: 'dev' },
            Days: { Type: 'Number', Default: 3 },
            Brands: { Type: 'CommaDelimitedList', Default: 'audi, seat' },
            BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/x/version' },
          },
          Rules: { CheckBootstrapVersion: { Assertions: [] } },
          Mappings: { Sizes: { dev: { size: 3 } } },
          Conditions: {
            Short: { 'Fn::Equals': [{ Ref: 'Days' }, 3] },
            Cheap: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] },
            Both: {
              'Fn::And': [
                { Condition: 'Cheap' },
                { 'Fn::Not': [{ 'Fn::Or': [{ Condition: 'Cheap' }, { Condition: 'Cheap' }] }] },
              ],
            },
          },
        },
      ),
    });
    expect(resources.get('S/A')?.properties).toEqual({
      stage: 'dev',
      brands: ['audi', 'seat'],
      pseudo: 'aws 000000000000 S amazonaws.com',
      size: 3,
      cheap: 'yes',
      short: 'yes',
      left: 'kept',
    });
    expect(resources.has('S/Skipped')).toBe(false);
  });

  test('an ignored resource still has its name and ARN', async () => {
    const { resources } = await run({
      S: stack({
        Log: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/fleetloom/api' } },
        Alarm: { Type: 'AWS::CloudWatch::Alarm' },
        Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alarms' } },
        A: thing({ topic: { Ref: 'Topic' }, log: { 'Fn::GetAtt': ['Log', 'Arn'] }, alarm: { Ref: 'Alarm' } }),
      }),
    });
    expect(resources.get('S/A')?.properties).toEqual({
      log: 'arn:aws:logs:eu-central-1:000000000000:log-group:/fleetloom/api:*',
      alarm: 'S-Alarm',
      topic: 'arn:aws:sns:eu-central-1:000000000000:alarms',
    });
  });

  test('every ignored type has a reason', () => {
    for (const type of ignoredTypes) expect(reasonToIgnore(type)).toMatch(/\w+\.$/);
  });
});

test('the key of an asset leads to its directory', () => {
  const directory = writeAssembly({ One: stack({}), Two: stack({}) });
  expect(assetDirectory(directory, 'Two.zip')).toBe(join(directory, 'asset.Two'));
  expect(() => assetDirectory(directory, 'Three.zip')).toThrow('has no asset with the key Three.zip');
});

test('physical names are stable, distinct and never longer than 64 characters', () => {
  const long = 'VehicleTelemetryReceivedFunctionServiceRoleDefaultPolicy';
  const nameOf = (logicalId: string) => physicalNameOf('Fleetloom-development-Platform', logicalId);
  expect(physicalNameOf('Fleetloom-dev-Data', 'Table')).toBe('Fleetloom-dev-Data-Table');
  expect(nameOf(`${long}A`)).toHaveLength(64);
  expect(nameOf(`${long}A`)).toBe(nameOf(`${long}A`));
  expect(nameOf(`${long}A`)).not.toBe(nameOf(`${long}B`));
});
