import { AwsError } from '#local/aws-error.ts';
import type { Permission } from '#local/iam/principal.ts';

type Input = Readonly<Record<string, unknown>>;

/** What a call needs and which tables it touches. */
export interface TableAccess {
  readonly permissions: readonly Permission[];
  readonly tables: readonly string[];
  readonly writes: boolean;
}

interface Touch {
  readonly action: string;
  readonly table: string;
  readonly index?: string;
}

const onOneTable = new Set([
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeContinuousBackups',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
  'UpdateTable',
  'UpdateTimeToLive',
]);
const onOneResource = new Set(['ListTagsOfResource', 'TagResource', 'UntagResource']);
const itemWrites = new Set(['BatchWriteItem', 'DeleteItem', 'PutItem', 'TransactWriteItems', 'UpdateItem']);

const transactionActions: Readonly<Record<string, string>> = {
  ConditionCheck: 'ConditionCheckItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
};

/**
 * The IAM actions of a DynamoDB call. Transactions need the action of each item; a batch needs its own action on each
 * table; a query of an index needs the index's ARN.
 */
export function tableAccess(operation: string, input: Input, arnPrefix: string): TableAccess {
  if (operation === 'ListTables') {
    return { permissions: [{ action: 'dynamodb:ListTables', resource: '*' }], tables: [], writes: false };
  }
  const permissions = new Map<string, Permission>();
  const tables = new Set<string>();
  for (const { action, table, index } of touches(operation, input)) {
    const resource = `${arnPrefix}table/${table}${index === undefined ? '' : `/index/${index}`}`;
    permissions.set(`${action} ${resource}`, { action: `dynamodb:${action}`, resource });
    tables.add(table);
  }
  return { permissions: [...permissions.values()], tables: [...tables], writes: itemWrites.has(operation) };
}

function touches(operation: string, input: Input): Touch[] {
  if (onOneTable.has(operation)) {
    const table = tableName(input['TableName']);
    const index = input['IndexName'];
    return [{ action: operation, table, ...(typeof index === 'string' ? { index } : {}) }];
  }
  if (onOneResource.has(operation)) return [{ action: operation, table: tableName(input['ResourceArn']) }];
  switch (operation) {
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.keys(members(input['RequestItems'])).map((name) => ({ action: operation, table: tableName(name) }));
    case 'TransactGetItems':
    case 'TransactWriteItems':
      return transactionTouches(input['TransactItems']);
    default:
      throw new AwsError('UnknownOperationException', 400, `The local DynamoDB has no operation "${operation}".`);
  }
}

function transactionTouches(items: unknown): Touch[] {
  if (!Array.isArray(items)) throw invalid('TransactItems must be a list.');
  return items.flatMap((item) =>
    Object.entries(members(item)).map(([kind, target]) => {
      const action = transactionActions[kind];
      if (action === undefined) throw invalid(`Unknown member "${kind}" of a transaction.`);
      return { action, table: tableName(members(target)['TableName']) };
    }),
  );
}

/** A table may be named by its ARN. */
export function tableName(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw invalid('The table name is missing.');
  if (!value.startsWith('arn:')) return value;
  const name = /^arn:[^:]+:dynamodb:[^:]*:\d*:table\/([^/]+)$/.exec(value)?.[1];
  if (name === undefined) throw invalid(`"${value}" is not the ARN of a table.`);
  return name;
}

function members(value: unknown): Input {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('An object was expected.');
  return { ...value };
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', 400, message);
}
