import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { DataStack } from '../data-stack.ts';
import { named } from '../names.ts';
import { countedBy } from '../parts/alarms.ts';
import { QueueConsumer } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { LastStop, WorkQueue } from '../parts/queues.ts';
import { grantRecords } from '../parts/record-grants.ts';
import type { Sharing } from './sharing.ts';

type Data = Pick<DataStack, 'partnersTable' | 'sharingTable' | 'bookingsTable' | 'tripsTable' | 'keys'>;

export interface PartnersProps {
  readonly house: House;
  readonly data: Data;
  readonly sharing: Pick<Sharing, 'mayCall'>;
}

/** Four files of ten seconds each, and what follows. */
const timeout = Duration.seconds(60);
/** Two hours and more: a table that is away loses nobody a use. */
const attempts = 40;
/** Partners that are slow hold up each other, and nobody else in the account. */
const atOnce = 20;

/** Partners' bikes and scooters in our cities: what they publish, and what becomes of each use. */
export class Partners extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #data: Data;
  readonly #looks: WorkQueue;

  constructor(scope: Construct, id: string, { house, data, sharing }: PartnersProps) {
    super(scope, id);
    this.#data = data;
    this.#looks = new WorkQueue(this, 'Looks', house, { name: 'partner-looks', consumerTimeout: timeout, attempts });
    const looks = this.looks(house);
    sharing.mayCall(looks);
    this.functions = [looks];
    house.alarms.raise(this, 'Undecided', {
      says: 'Trips with partners’ vehicles wait for their operator, GET …/partner-trips names them',
      // Each is looked at hourly until it is decided.
      metric: countedBy('partner-looks', 'PartnerUsesUndecided').with({ period: Duration.hours(2) }),
      above: 0,
    });
    this.eachMinute(house);
  }

  serve(api: HouseFunction): void {
    const { partnersTable } = this.#data;
    api.addEnvironment('PARTNERS_TABLE', partnersTable.tableName);
    grantRecords(api, partnersTable, 'GetItem', 'PutItem', 'Query');
    this.mayLook(api);
    this.mayOpenTokens(api);
  }

  private looks(house: House): HouseFunction {
    const { partnersTable, sharingTable, bookingsTable, tripsTable } = this.#data;
    const looks = new HouseFunction(this, 'LooksFunction', house, {
      name: 'partner-looks',
      description: 'Reads what partners publish of their assets, and asks them what becomes of each use',
      environment: {
        ...{ PARTNERS_TABLE: partnersTable.tableName, SHARING_TABLE: sharingTable.tableName },
        ...{ BOOKINGS_TABLE: bookingsTable.tableName, TRIPS_TABLE: tripsTable.tableName },
      },
      timeout,
      // A feed of 12 MB, as text and as what it says.
      memorySize: 1024,
      goesOnByItself: true,
      callsStrangers: true,
    });
    grantRecords(looks, partnersTable, 'GetItem', 'PutItem', 'DeleteItem', 'Query');
    grantRecords(looks, sharingTable, 'GetItem', 'Query', 'UpdateItem', 'DeleteItem');
    grantRecords(looks, bookingsTable, 'GetItem', 'PutItem');
    grantRecords(looks, tripsTable, 'GetItem', 'PutItem', 'Query');
    this.mayLook(looks);
    this.mayOpenTokens(looks);
    // One at a time: a partner that hangs holds up no other's uses.
    const consumer = { queue: this.#looks, target: looks, batchSize: 1, maximumConcurrency: atOnce };
    new QueueConsumer(this, 'LooksConsumer', consumer);
    return looks;
  }

  private eachMinute(house: House): void {
    const rule = new Rule(this, 'EachMinute', {
      ruleName: named(house.settings.stage, 'partner-feeds'),
      description: 'Has the feeds of partners read',
      schedule: Schedule.rate(Duration.minutes(1)),
    });
    const says = 'The feeds of partners were not asked for';
    rule.addTarget(
      new SqsQueue(this.#looks, {
        deadLetterQueue: new LastStop(this, 'MinutesLost', house, 'partner-feeds-lost', says),
        message: RuleTargetInput.fromObject({ every: 'minute' }),
      }),
    );
  }

  private mayLook(target: HouseFunction): void {
    target.addEnvironment('PARTNER_LOOKS_QUEUE_URL', this.#looks.queueUrl);
    target.may(['sqs:SendMessage'], this.#looks.queueArn);
  }

  /** Partners' tokens are sealed by what the key for webhooks makes of a text of their own. */
  private mayOpenTokens(target: HouseFunction): void {
    const { webhooks } = this.#data.keys;
    target.addEnvironment('PARTNER_KEY', webhooks.keyId);
    target.may(['kms:GenerateMac'], webhooks.keyArn);
  }
}
