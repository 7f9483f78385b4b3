import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { DataStack } from '../data-stack.ts';
import { named } from '../names.ts';
import { TableStream } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { PublicFeeds } from '../parts/public-feeds.ts';
import { LastStop } from '../parts/queues.ts';
import { grantRecords } from '../parts/record-grants.ts';

type Data = Pick<DataStack, 'sharingTable' | 'feeds'>;

export interface FeedsProps {
  readonly house: House;
  readonly data: Data;
}

const anyCity = 'Each city has files of its own, and more come to be.';

/** What the public reads of sharing services: GBFS, built from changes. */
export class Feeds extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #data: Data;
  readonly #url: string;

  constructor(scope: Construct, id: string, { house, data }: FeedsProps) {
    super(scope, id);
    this.#data = data;
    this.#url = new PublicFeeds(this, 'Public', { settings: house.settings, bucket: data.feeds }).url;
    this.functions = [this.published(house), this.due(house)];
  }

  /** Partners book by the names that stand in the feeds. */
  serve(api: HouseFunction): void {
    const { feeds } = this.#data;
    api.addEnvironment('FEEDS_BUCKET', feeds.bucketName);
    api.mayWithFiles(['s3:GetObject'], feeds, ['state'], anyCity);
    // Without it S3 says "forbidden" of a city that has no state yet.
    api.may(['s3:ListBucket'], feeds.bucketArn);
  }

  /** Listing, system, zones, price → stream → files. */
  private published(house: House): HouseFunction {
    const published = new HouseFunction(this, 'Published', house, {
      name: 'feeds-published',
      description: 'Brings each change of a city into its public feeds',
    });
    this.mayPublish(published);
    const says = 'Changes of cities are not in their public feeds';
    new TableStream(this, 'Stream', {
      ...{ house, table: this.#data.sharingTable, target: published },
      failures: new LastStop(this, 'PublishedDead', house, 'feeds-published-dead', says),
      // A file that changes each second would be written each second: what comes within two is written once.
      ...{ batchSize: 1000, batchWindow: Duration.seconds(2) },
    });
    return published;
  }

  private due(house: House): HouseFunction {
    const due = new HouseFunction(this, 'Due', house, {
      name: 'feeds-due',
      description: 'Says each minute what is still true of each city, and what time alone has changed',
      asynchronous: true,
    });
    this.mayPublish(due);
    new Rule(this, 'EachMinute', {
      ruleName: named(house.settings.stage, 'feeds-due'),
      description: 'Has public feeds refreshed',
      schedule: Schedule.rate(Duration.minutes(1)),
    }).addTarget(
      new FunctionTarget(due, {
        ...(due.deadLetterQueue === undefined ? {} : { deadLetterQueue: due.deadLetterQueue }),
      }),
    );
    return due;
  }

  private mayPublish(target: HouseFunction): void {
    const { sharingTable, feeds } = this.#data;
    target.addEnvironment('SHARING_TABLE', sharingTable.tableName);
    target.addEnvironment('FEEDS_BUCKET', feeds.bucketName);
    target.addEnvironment('FEEDS_URL', this.#url);
    grantRecords(target, sharingTable, 'GetItem', 'Query');
    target.mayWithFiles(['s3:GetObject', 's3:PutObject'], feeds, ['state'], anyCity);
    target.mayWithFiles(['s3:PutObject'], feeds, ['gbfs'], anyCity);
    // Without it S3 says "forbidden" of a city that has no state yet.
    target.may(['s3:ListBucket'], feeds.bucketArn);
  }
}
