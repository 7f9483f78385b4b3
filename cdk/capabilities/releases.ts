import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { DataStack } from '../data-stack.ts';
import { named } from '../names.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { grantRecords } from '../parts/record-grants.ts';

type Data = Pick<DataStack, 'releasesTable' | 'updates' | 'keys'>;

export interface ReleasesProps {
  readonly house: House;
  readonly data: Data;
}

const anyFile =
  'Images have names of their own, which hold their hashes; metadata have those of their role and version.';

/** Software for control units: described, uploaded, signed offline, approved; and the metadata that vouch for it. */
export class Releases extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #data: Data;

  constructor(scope: Construct, id: string, { house, data }: ReleasesProps) {
    super(scope, id);
    this.#data = data;
    this.functions = [this.renewal(house)];
  }

  serve(api: HouseFunction): void {
    const { releasesTable, updates, keys } = this.#data;
    this.mayPublish(api);
    grantRecords(api, releasesTable, 'BatchGetItem', 'DeleteItem', 'Query');
    // Whoever gets a signed URL does with it what its signer may. HeadObject asks for GetObject.
    api.mayWithFiles(['s3:PutObject', 's3:GetObject'], updates, ['images'], anyFile);
    // Without it S3 says "forbidden" of a file that is not there.
    api.may(['s3:ListBucket'], updates.bucketArn);
    // Its public half stands in the Director's Root.
    api.may(['kms:GetPublicKey'], keys.director.keyArn);
  }

  private renewal(house: House): HouseFunction {
    const renewed = new HouseFunction(this, 'Renewed', house, {
      name: 'repository-renewed',
      description: 'Signs what vouches for the newest metadata again, before it expires',
      environment: { BRANDS: house.settings.brands.map(({ slug }) => slug).join(',') },
      asynchronous: true,
    });
    this.mayPublish(renewed);
    new Rule(this, 'Renewal', {
      ruleName: named(house.settings.stage, 'repository-renewal'),
      description: 'Has the Image repository’s Timestamp and Snapshot renewed',
      schedule: Schedule.rate(Duration.hours(6)),
    }).addTarget(
      new FunctionTarget(renewed, {
        ...(renewed.deadLetterQueue === undefined ? {} : { deadLetterQueue: renewed.deadLetterQueue }),
      }),
    );
    house.alarms.raise(this, 'MetadataExpiring', {
      says: 'Metadata that are signed offline expire within 30 days: sign their next version',
      metric: new Metric({
        namespace: 'Fleetloom',
        metricName: 'MetadataExpiring',
        dimensionsMap: { service: 'repository-renewed' },
        statistic: 'Maximum',
        period: Duration.hours(6),
      }),
      above: 0,
    });
    return renewed;
  }

  private mayPublish(target: HouseFunction): void {
    const { releasesTable, updates, keys } = this.#data;
    target.addEnvironment('RELEASES_TABLE', releasesTable.tableName);
    target.addEnvironment('UPDATES_BUCKET', updates.bucketName);
    target.addEnvironment('IMAGE_REPOSITORY_KEY', keys.repository.keyId);
    target.addEnvironment('DIRECTOR_KEY', keys.director.keyId);
    grantRecords(target, releasesTable, 'GetItem', 'PutItem', 'UpdateItem');
    target.mayWithFiles(['s3:PutObject', 's3:GetObject'], updates, ['metadata'], anyFile);
    target.mayWithFiles(['s3:PutObject'], updates, ['repository'], anyFile);
    target.may(['kms:GetPublicKey', 'kms:Sign'], keys.repository.keyArn);
  }
}
