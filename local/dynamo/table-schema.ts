import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })).min(1);
const projection = z.strictObject({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.array(z.string()).optional(),
});
/** Capacity limits protect the bill; the local engine has none. */
const capacity = z.unknown().optional();
const index = z.strictObject({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: projection,
  OnDemandThroughput: capacity,
  ReadOnDemandThroughputSettings: capacity,
  WriteOnDemandThroughputSettings: capacity,
});
const shape = {
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: keySchema,
  BillingMode: z.literal('PAY_PER_REQUEST'),
  GlobalSecondaryIndexes: z.array(index).optional(),
  LocalSecondaryIndexes: z.array(index).optional(),
  StreamSpecification: z
    .strictObject({ StreamViewType: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']) })
    .optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string().optional(), Enabled: z.boolean() }).optional(),
  /** The local file is as private as the directory it stands in. */
  SSESpecification: z.unknown().optional(),
};
const protection = { DeletionProtectionEnabled: z.boolean().optional() };
/** Accepted and without effect: nothing of it changes what a program sees. */
const withoutEffect = {
  ContributorInsightsSpecification: z.unknown().optional(),
  PointInTimeRecoverySpecification: z.unknown().optional(),
  TableClass: z.string().optional(),
  Tags: z.unknown().optional(),
};

const tableProperties = z.strictObject({ ...shape, ...protection, ...withoutEffect, OnDemandThroughput: capacity });
const globalTableProperties = z.strictObject({
  ...shape,
  WriteOnDemandThroughputSettings: capacity,
  Replicas: z
    .array(
      z.strictObject({
        Region: z.string(),
        ...protection,
        ...withoutEffect,
        GlobalSecondaryIndexes: z.unknown().optional(),
        ReadOnDemandThroughputSettings: capacity,
        SSESpecification: z.unknown().optional(),
      }),
    )
    .length(1, 'the local cloud is one region'),
});

export type TableSchema = z.infer<typeof tableProperties>;

export function parseTable(properties: unknown): TableSchema {
  return explained(tableProperties.safeParse(properties));
}

export function parseGlobalTable(properties: unknown): TableSchema {
  const {
    Replicas: [replica],
    WriteOnDemandThroughputSettings: _,
    ...table
  } = explained(globalTableProperties.safeParse(properties));
  return { ...table, DeletionProtectionEnabled: replica?.DeletionProtectionEnabled };
}

function explained<T>(result: z.ZodSafeParseResult<T>): T {
  if (result.success) return result.data;
  throw new Error(`The local cloud does not understand this table: ${z.prettifyError(result.error)}`);
}

/** The input of CreateTable. */
export function creation(tableName: string, schema: TableSchema): object {
  return {
    TableName: tableName,
    BillingMode: schema.BillingMode,
    KeySchema: schema.KeySchema,
    AttributeDefinitions: schema.AttributeDefinitions,
    ...nonEmpty('GlobalSecondaryIndexes', schema.GlobalSecondaryIndexes?.map(bareIndex)),
    ...nonEmpty('LocalSecondaryIndexes', schema.LocalSecondaryIndexes?.map(bareIndex)),
    ...(schema.StreamSpecification === undefined
      ? {}
      : { StreamSpecification: { StreamEnabled: true, ...schema.StreamSpecification } }),
  };
}

function nonEmpty(name: string, list: readonly unknown[] | undefined): object {
  return list === undefined || list.length === 0 ? {} : { [name]: list };
}

function bareIndex({ IndexName, KeySchema, Projection }: z.infer<typeof index>) {
  return { IndexName, KeySchema, Projection };
}

const described = z.object({
  TableArn: z.string(),
  TableId: z.string().default(''),
  LatestStreamArn: z.string().optional(),
  AttributeDefinitions: shape.AttributeDefinitions,
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z.array(z.object(index.shape)).default([]),
  LocalSecondaryIndexes: z.array(z.object(index.shape)).default([]),
  StreamSpecification: z.object({ StreamEnabled: z.boolean(), StreamViewType: z.string() }).optional(),
});

export type DescribedTable = z.infer<typeof described>;

/** The answer of DescribeTable. */
export function parseDescription(answer: unknown): DescribedTable {
  return z.object({ Table: described }).parse(answer).Table;
}

/** The members in which the existing table is not the one that the template wants. */
export function differences(schema: TableSchema, existing: DescribedTable): string[] {
  const pairs: [string, unknown, unknown][] = [
    ['KeySchema', schema.KeySchema, existing.KeySchema],
    [
      'AttributeDefinitions',
      byName(schema.AttributeDefinitions, 'AttributeName'),
      byName(existing.AttributeDefinitions, 'AttributeName'),
    ],
    ['GlobalSecondaryIndexes', indexes(schema.GlobalSecondaryIndexes), indexes(existing.GlobalSecondaryIndexes)],
    ['LocalSecondaryIndexes', indexes(schema.LocalSecondaryIndexes), indexes(existing.LocalSecondaryIndexes)],
    [
      'StreamSpecification',
      schema.StreamSpecification?.StreamViewType,
      existing.StreamSpecification?.StreamEnabled === true ? existing.StreamSpecification.StreamViewType : undefined,
    ],
  ];
  return pairs.filter(([, wanted, found]) => !isDeepStrictEqual(wanted, found)).map(([name]) => name);
}

function indexes(list: readonly z.infer<typeof index>[] | undefined): unknown {
  return byName((list ?? []).map(bareIndex), 'IndexName');
}

function byName(list: readonly object[], name: string): unknown {
  const entries = list.map((member): [string, object] => [String(Reflect.get(member, name)), member]);
  return Object.fromEntries(entries);
}
