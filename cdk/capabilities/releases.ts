import { Construct } from 'constructs';
import type { DataStack } from '../data-stack.ts';
import type { HouseFunction } from '../parts/house-function.ts';
import { grantRecords } from '../parts/record-grants.ts';

type Data = Pick<DataStack, 'releasesTable' | 'updates'>;

export interface ReleasesProps {
  readonly data: Data;
}

const anyImage = 'Each image has a name of its own, which holds its hash.';

/** Software for control units: described, uploaded, signed offline, approved. */
export class Releases extends Construct {
  readonly #data: Data;

  constructor(scope: Construct, id: string, { data }: ReleasesProps) {
    super(scope, id);
    this.#data = data;
  }

  serve(api: HouseFunction): void {
    const { releasesTable, updates } = this.#data;
    api.addEnvironment('RELEASES_TABLE', releasesTable.tableName);
    api.addEnvironment('UPDATES_BUCKET', updates.bucketName);
    grantRecords(api, releasesTable, 'GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'Query');
    // Whoever gets a signed URL does with it what its signer may. HeadObject asks for GetObject.
    api.mayWithFiles(['s3:PutObject', 's3:GetObject'], updates, ['images'], anyImage);
    // Without it S3 says "forbidden" of a file that is not there.
    api.may(['s3:ListBucket'], updates.bucketArn);
  }
}
