import { Construct } from 'constructs';
import type { HouseFunction } from '../parts/house-function.ts';
import { grantRecords } from '../parts/record-grants.ts';
import type { RecordTable } from '../parts/record-table.ts';

/** Who did what, when and why. It is added to and read; no role may change or delete a record. */
export class Audit extends Construct {
  readonly #table: RecordTable;

  constructor(scope: Construct, id: string, { table }: { readonly table: RecordTable }) {
    super(scope, id);
    this.#table = table;
  }

  /** Who answers for it; each function of the API appends to it. */
  serve(api: HouseFunction): void {
    this.mayRead(api);
  }

  mayRead(target: HouseFunction): void {
    grantRecords(target, this.#table, 'Query');
  }

  mayAppend(target: HouseFunction): void {
    target.addEnvironment('AUDIT_TABLE', this.#table.tableName);
    grantRecords(target, this.#table, 'PutItem');
  }
}
