import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { lossesBetween, parseTemplate, withoutAssetHashes } from '#cdk/baseline.ts';
import { deployed, ofType } from './stacks.ts';

const resources = deployed();

test('a table can be restored to the second and deleted by nobody in passing', () => {
  const tables = ofType(resources, 'AWS::DynamoDB::GlobalTable');
  expect(tables).toHaveLength(18);
  for (const table of tables) {
    expect(table).toMatchObject({
      stack: 'Data',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        Replicas: [
          { DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
        ],
      },
    });
    expect(table.Properties['TableName']).toBeUndefined();
  }
});

test('whatever stands in the data stack stays when the stack goes', () => {
  for (const { id, stack, DeletionPolicy } of resources) {
    if (stack === 'Data') expect(DeletionPolicy, id).toBe('Retain');
  }
});

test('tables with indexes are made one after the other, since DynamoDB makes few at a time', () => {
  const indexed = ofType(resources, 'AWS::DynamoDB::GlobalTable').filter(
    ({ Properties }) => Properties['GlobalSecondaryIndexes'] !== undefined,
  );
  const awaited = indexed.map(({ DependsOn = [] }) => indexed.filter(({ id }) => DependsOn.includes(id)).length);
  expect(awaited.sort()).toEqual(indexed.map((_, place) => place));
});

test('the platform can be destroyed under a fleet: what hangs on a vehicle or its certificate stands elsewhere', () => {
  for (const type of ['AWS::IoT::Policy', 'AWS::IoT::ThingGroup', 'AWS::IoT::ThingType']) {
    for (const { id, stack } of ofType(resources, type)) expect(stack, id).toBe('Data');
  }
});

test('no resource hides a function of the CDK', () => {
  expect(
    resources.filter(({ Type }) => Type.startsWith('Custom::') || Type === 'AWS::CloudFormation::CustomResource'),
  ).toEqual([]);
  expect(ofType(resources, 'AWS::Lambda::Function')).toHaveLength(39);
});

test('every function runs on the deployed runtime, is traced, and logs into a group that expires', () => {
  for (const { id, Properties } of ofType(resources, 'AWS::Lambda::Function')) {
    expect(Properties, id).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
    });
    expect(
      z.object({ LogGroup: z.object({ Ref: z.string() }) }).safeParse(Properties['LoggingConfig']).success,
      id,
    ).toBe(true);
  }
  for (const { id, Properties } of ofType(resources, 'AWS::Logs::LogGroup')) {
    expect(Properties['RetentionInDays'], id).toBe(30);
  }
});

test('nothing that lasts differs from the committed baseline (if it is meant to: npm run baseline)', () => {
  for (const stack of ['Data', 'Platform', 'Outward'] as const) {
    const file = new URL(`../../cdk/baseline/Fleetloom-dev-${stack}.template.json`, import.meta.url);
    const now = resources.filter((resource) => resource.stack === stack).map((resource) => [resource.id, resource]);
    const losses = lossesBetween(
      parseTemplate(readFileSync(file, 'utf8')),
      parseTemplate(JSON.stringify({ Resources: Object.fromEntries(now) })),
    );
    expect(losses, stack).toEqual([]);
  }
});

function template(resource: Readonly<Record<string, unknown>>): ReturnType<typeof parseTemplate> {
  return parseTemplate(JSON.stringify({ Resources: { Vehicles: resource } }));
}

const table = {
  Type: 'AWS::DynamoDB::GlobalTable',
  DeletionPolicy: 'Retain',
  Properties: { KeySchema: [{ AttributeName: 'pk' }], Replicas: [{ DeletionProtectionEnabled: true }] },
};

test('the comparison names a table that would be removed', () => {
  expect(lossesBetween(template(table), parseTemplate('{"Resources":{}}'))).toEqual([
    { kind: 'removed', logicalId: 'Vehicles', type: table.Type, detail: 'CloudFormation would abandon it' },
  ]);
});

test('the comparison names the property that would replace a table', () => {
  const other = { ...table, Properties: { ...table.Properties, KeySchema: [{ AttributeName: 'id' }] } };
  expect(lossesBetween(template(table), template(other))).toMatchObject([
    { kind: 'replaced', detail: 'KeySchema changes' },
  ]);
});

test('the comparison names a protection that would be lost', () => {
  const bare = { ...table, DeletionPolicy: 'Delete', Properties: { KeySchema: table.Properties.KeySchema } };
  expect(lossesBetween(template(table), template(bare)).map(({ detail }) => detail)).toEqual([
    'loses DeletionPolicy: Retain',
    'loses DeletionProtectionEnabled',
  ]);
});

test('the comparison asks for a new table to be accepted, so that its later loss is seen', () => {
  expect(lossesBetween(parseTemplate('{"Resources":{}}'), template(table))).toMatchObject([
    { kind: 'not in the baseline' },
  ]);
});

test('the comparison leaves everything else to change', () => {
  const wider = { ...table, Properties: { ...table.Properties, Tags: [{ Key: 'a', Value: 'b' }] } };
  expect(lossesBetween(template(table), template(wider))).toEqual([]);
  const fn = { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'x' } };
  expect(lossesBetween(template(fn), parseTemplate('{"Resources":{}}'))).toEqual([]);
});

test('a baseline does not change with the code of a function', () => {
  const hash = 'a1'.repeat(32);
  expect(withoutAssetHashes(`{"S3Key":"${hash}.zip"}`)).toBe('{"S3Key":"asset.zip"}');
});
