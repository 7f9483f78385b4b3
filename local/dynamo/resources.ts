import { AwsError } from '#local/aws-error.ts';
import type { Provisioned, ResourceScope, ResourceType } from '#local/template/resource-type.ts';
import type { EngineClient } from './engine-client.ts';
import {
  creation,
  type DescribedTable,
  differences,
  parseDescription,
  parseGlobalTable,
  parseTable,
  type TableSchema,
} from './table-schema.ts';
import type { TimeToLive } from './time-to-live.ts';

export interface TableResourceOptions {
  readonly engine: EngineClient;
  readonly timeToLive: TimeToLive;
}

/** `AWS::DynamoDB::GlobalTable` (what CDK's TableV2 makes) and `AWS::DynamoDB::Table`. */
export function tableResources(options: TableResourceOptions): ResourceType[] {
  return [
    {
      type: 'AWS::DynamoDB::GlobalTable',
      create: (properties, scope) => ensure(parseGlobalTable(properties), scope, options),
    },
    { type: 'AWS::DynamoDB::Table', create: (properties, scope) => ensure(parseTable(properties), scope, options) },
  ];
}

async function ensure(
  schema: TableSchema,
  scope: ResourceScope,
  { engine, timeToLive }: TableResourceOptions,
): Promise<Provisioned> {
  const name = schema.TableName ?? scope.physicalName;
  const existing = await describe(engine, name);
  if (existing !== undefined) {
    const differing = differences(schema, existing);
    if (differing.length > 0) {
      throw new Error(
        `The table ${name} (${scope.logicalId}) exists with another ${differing.join(', ')}. ` +
          'Start with --fresh to make it anew; its items are lost.',
      );
    }
  } else await engine.call('CreateTable', creation(name, schema));
  const table = existing ?? (await describe(engine, name));
  if (table === undefined) throw new Error(`The DynamoDB engine did not keep the table ${name}.`);
  if (schema.DeletionProtectionEnabled === true) engine.protect(name);
  const expiry = schema.TimeToLiveSpecification;
  if (expiry?.Enabled === true && expiry.AttributeName !== undefined) {
    timeToLive.watch({
      table: name,
      attribute: expiry.AttributeName,
      keys: table.KeySchema.map((k) => k.AttributeName),
    });
  }
  return {
    ref: name,
    attributes: {
      Arn: engine.tableArn(name),
      TableId: table.TableId,
      ...(table.LatestStreamArn === undefined ? {} : { StreamArn: table.LatestStreamArn }),
    },
  };
}

async function describe(engine: EngineClient, name: string): Promise<DescribedTable | undefined> {
  try {
    return parseDescription(await engine.call('DescribeTable', { TableName: name }));
  } catch (error) {
    if (error instanceof AwsError && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
