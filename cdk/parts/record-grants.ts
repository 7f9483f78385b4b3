import type { HouseFunction } from './house-function.ts';
import type { RecordTable } from './record-table.ts';

type RecordAction = 'GetItem' | 'BatchGetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'BatchWriteItem' | 'Query';

/** Grants item operations on a table. A transaction needs the operations of its items and no more. */
export function grantRecords(fn: HouseFunction, table: RecordTable, ...actions: readonly RecordAction[]): void {
  fn.may(actions.map(dynamodb), table.tableArn);
}

/** Grants queries on an index; an index is a resource of its own. */
export function grantIndexes(fn: HouseFunction, table: RecordTable, ...indexes: readonly string[]): void {
  fn.may([dynamodb('Query')], ...indexes.map((index) => `${table.tableArn}/index/${index}`));
}

function dynamodb(action: RecordAction): string {
  return `dynamodb:${action}`;
}
