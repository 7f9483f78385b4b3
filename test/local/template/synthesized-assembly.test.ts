import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Aws, CfnOutput, Stack } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { expect, onTestFinished, test } from 'vitest';
import { assetDirectory } from '#local/template/assembly.ts';
import { execute } from '#local/template/executor.ts';
import { ignoredTypes } from '#local/template/ignored-types.ts';
import type { ResourceType } from '#local/template/resource-type.ts';

const types = ['AWS::DynamoDB::GlobalTable', 'AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::Lambda::Function'];

test('what CDK really writes for two stacks is executed, grants and assets included', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-synth-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const assembly = synthesize(directory);
  const handlers = types.map(
    (type): ResourceType => ({
      type,
      create: (_, { physicalName, logicalId }) => ({
        ref: physicalName,
        attributes: { Arn: `arn:aws:${logicalId}`, StreamArn: `arn:aws:${logicalId}/stream` },
      }),
    }),
  );

  const scope = { region: 'eu-central-1', accountId: '000000000000' };
  const { resources, stacks } = await execute(assembly, handlers, ignoredTypes, scope);

  const made = [...resources.values()];
  const table = made.find((resource) => resource.type === 'AWS::DynamoDB::GlobalTable');
  const policy = made.find((resource) => resource.type === 'AWS::IAM::Policy');
  const code = made.find((resource) => resource.type === 'AWS::Lambda::Function')?.properties;
  expect(policy?.properties['PolicyDocument']).toMatchObject({
    Statement: [{ Action: 'dynamodb:GetItem', Resource: table?.attributes['Arn'] }],
  });
  expect(code).toMatchObject({ Environment: { Variables: { TABLE: table?.ref, ACCOUNT: '000000000000' } } });
  expect(stacks.get('Platform')?.['Table']).toBe(table?.ref);
  const { S3Key: key } = Object(code?.['Code']);
  expect(existsSync(join(assetDirectory(assembly, key), 'index.mjs'))).toBe(true);
});

function synthesize(directory: string): string {
  writeFileSync(join(directory, 'index.mjs'), 'export const handler = async () => 1;\n');
  const app = new App({ outdir: join(directory, 'cdk.out'), analyticsReporting: false });
  const data = new Stack(app, 'Data', { env: { region: 'eu-central-1' } });
  const table = new TableV2(data, 'Table', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
  });
  const platform = new Stack(app, 'Platform', { env: { region: 'eu-central-1' } });
  const reader = new LambdaFunction(platform, 'Reader', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromAsset(directory, { exclude: ['cdk.out'] }),
    environment: { TABLE: table.tableName, ACCOUNT: Aws.ACCOUNT_ID },
  });
  table.grant(reader, 'dynamodb:GetItem');
  new CfnOutput(platform, 'Table', { value: table.tableName });
  return app.synth({ validateOnSynthesis: false }).directory;
}
