import { Duration } from 'aws-cdk-lib';
import { type EventBus, type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { campaignGroupName, campaignJobId, standingRollout } from '#shared/vehicle-cloud/topics.ts';
import type { DataStack } from '../data-stack.ts';
import { anyVehicle, named } from '../names.ts';
import { countedBy } from '../parts/alarms.ts';
import { QueueConsumer, TableStream } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { LastStop, WorkQueue } from '../parts/queues.ts';
import { grantIndexes, grantRecords } from '../parts/record-grants.ts';
import type { Ingest } from './ingest.ts';

type Data = Pick<
  DataStack,
  'updatesTable' | 'campaignsTable' | 'releasesTable' | 'registryTable' | 'ownershipTable' | 'bookingsTable'
>;

export interface UpdatesProps {
  readonly house: House;
  readonly ingest: Ingest;
  readonly data: Data;
  /** Where it is told of another owner. */
  readonly bus: EventBus;
}

const timeout = Duration.seconds(30);
/** A run is kept to one function by its lease. */
const visibility = Duration.seconds(35);
/** A dead table for 20 minutes ends no campaign. */
const attempts = 40;

const anyCampaign = 'Each campaign has a group and a job of its own, named when it starts.';

/** Software for vehicles: campaigns, what becomes of each vehicle's update, and what the vehicles say of it. */
export class Updates extends Construct {
  readonly functions: readonly HouseFunction[];
  /** Hears what vehicles say. */
  readonly reported: HouseFunction;
  /** Draws the consequences. */
  readonly changed: HouseFunction;
  readonly #data: Data;
  readonly #stage: string;
  readonly #runs: WorkQueue;

  constructor(scope: Construct, id: string, props: UpdatesProps) {
    super(scope, id);
    const { house, data } = props;
    this.#data = data;
    this.#stage = house.settings.stage;
    const queue = { name: 'campaigns', consumerTimeout: timeout, visibility, attempts };
    this.#runs = new WorkQueue(this, 'Runs', house, queue);
    this.reported = this.reports(props);
    this.changed = this.changes(house);
    this.functions = [this.reported, this.changed, this.campaigns(house), this.owners(props), this.vehicles(props)];
  }

  serve(api: HouseFunction): void {
    const { updatesTable, campaignsTable } = this.#data;
    api.addEnvironment('UPDATES_TABLE', updatesTable.tableName);
    api.addEnvironment('CAMPAIGNS_TABLE', campaignsTable.tableName);
    api.addEnvironment('CAMPAIGN_QUEUE_URL', this.#runs.queueUrl);
    grantRecords(api, updatesTable, 'GetItem', 'PutItem', 'Query');
    grantIndexes(api, updatesTable, 'openCases');
    grantRecords(api, campaignsTable, 'GetItem', 'PutItem', 'Query');
    this.mayAskWhoShares(api);
    api.may(['sqs:SendMessage'], this.#runs.queueArn);
    const groups = this.groups();
    api.mayInIot(['iot:CreateThingGroup'], groups, anyCampaign);
    const standing = `job/${standingRollout(this.#stage)}`;
    api.mayInIot(['iot:CreateJob'], [...groups, this.jobs(), standing], anyCampaign);
  }

  /** Rule → queue → function → update. */
  private reports({ house, ingest }: UpdatesProps): HouseFunction {
    const queue = new WorkQueue(this, 'Reports', house, { name: 'updates', consumerTimeout: timeout });
    ingest.reports('Updates', 'updates', { kind: 'queue', queue });
    const reported = new HouseFunction(this, 'Reported', house, {
      name: 'update-reported',
      description: 'Takes in what vehicles say of their updates',
      environment: { ...this.tables('updatesTable', 'campaignsTable', 'releasesTable', 'ownershipTable') },
      timeout,
    });
    this.mayDecide(reported);
    ingest.mayQuarantine(reported);
    new QueueConsumer(this, 'ReportsConsumer', { queue, target: reported, batchSize: 10 });
    return reported;
  }

  /** Update → stream → what the vehicle is shown, the campaign's job, and the counters. */
  private changes(house: House): HouseFunction {
    const { updatesTable, campaignsTable, releasesTable, bookingsTable } = this.#data;
    const changed = new HouseFunction(this, 'Changed', house, {
      name: 'update-changed',
      description: 'Shows vehicles their offers, releases updates to them, and counts',
      environment: {
        ...this.tables('updatesTable', 'campaignsTable', 'releasesTable', 'bookingsTable'),
        CAMPAIGN_QUEUE_URL: this.#runs.queueUrl,
      },
      timeout,
      memorySize: 1024,
    });
    grantRecords(changed, updatesTable, 'GetItem', 'PutItem', 'Query');
    grantRecords(changed, campaignsTable, 'GetItem', 'PutItem', 'UpdateItem', 'Query');
    grantRecords(changed, releasesTable, 'GetItem');
    grantRecords(changed, bookingsTable, 'GetItem', 'PutItem');
    changed.may(['sqs:SendMessage'], this.#runs.queueArn);
    changed.mayInIot(['iot:UpdateThingShadow'], [`thing/${anyVehicle}/ota`], 'Any vehicle may be offered an update.');
    changed.mayInIot(
      ['iot:AddThingToThingGroup', 'iot:RemoveThingFromThingGroup'],
      [`thing/${anyVehicle}`, ...this.groups()],
      anyCampaign,
    );
    house.alarms.raise(this, 'UnsafeVehicles', {
      says: 'An update has left a vehicle that must not be driven: its case waits for somebody',
      metric: countedBy('update-changed', 'UnsafeVehicles'),
      above: 0,
    });
    const says = 'Changes of updates were neither shown nor counted';
    new TableStream(this, 'Stream', {
      ...{ house, table: updatesTable, target: changed, window: Duration.minutes(15) },
      failures: new LastStop(this, 'ChangedDead', house, 'update-changed-dead', says),
    });
    return changed;
  }

  /** The run of a campaign, which hands itself on. */
  private campaigns(house: House): HouseFunction {
    const { updatesTable, campaignsTable, releasesTable, registryTable } = this.#data;
    const continued = new HouseFunction(this, 'CampaignRun', house, {
      name: 'campaign-continued',
      description: 'Enlists the vehicles of a campaign, and offers it to them at its rate',
      environment: {
        ...this.tables('updatesTable', 'campaignsTable', 'releasesTable', 'registryTable'),
        CAMPAIGN_QUEUE_URL: this.#runs.queueUrl,
      },
      timeout,
      goesOnByItself: true,
      memorySize: 1024,
    });
    grantRecords(continued, updatesTable, 'GetItem', 'PutItem', 'Query');
    grantIndexes(continued, updatesTable, 'byCampaign');
    grantRecords(continued, campaignsTable, 'GetItem', 'PutItem', 'Query');
    grantRecords(continued, releasesTable, 'GetItem');
    grantRecords(continued, registryTable, 'BatchGetItem');
    grantIndexes(continued, registryTable, 'byModel', 'bySoftware');
    this.mayAskWhoShares(continued);
    continued.may(['sqs:SendMessage'], this.#runs.queueArn);
    continued.mayInIot(['iot:CancelJob', 'iot:DescribeJob', 'iot:DeleteJob'], [this.jobs()], anyCampaign);
    continued.mayInIot(['iot:DeleteThingGroup'], [this.campaignGroups()], anyCampaign);
    const moves = [`thing/${anyVehicle}`, this.standingGroup()];
    continued.mayInIot(['iot:AddThingToThingGroup'], moves, 'Any vehicle may be left over when a campaign closes.');
    new QueueConsumer(this, 'RunsConsumer', { queue: this.#runs, target: continued, batchSize: 1 });
    return continued;
  }

  /** Another owner was not asked. */
  private owners({ house, bus }: UpdatesProps): HouseFunction {
    const voided = new HouseFunction(this, 'OwnerChanged', house, {
      name: 'update-owner-changed',
      description: 'Voids what a former owner consented to',
      environment: { ...this.tables('updatesTable', 'campaignsTable', 'releasesTable', 'ownershipTable') },
      asynchronous: true,
    });
    this.mayDecide(voided);
    this.hears(voided, 'OwnerRule', bus, 'update-owner-changed', 'Vehicles that have another owner', {
      source: ['fleetloom.ownership'],
      detailType: ['OwnerChanged'],
    });
    return voided;
  }

  /** A vehicle that comes later, or runs other software, joins what it is one of, and leaves what it is not. */
  private vehicles({ house, bus }: UpdatesProps): HouseFunction {
    const { updatesTable, campaignsTable, releasesTable, registryTable } = this.#data;
    const changed = new HouseFunction(this, 'VehicleChanged', house, {
      name: 'update-vehicle-changed',
      description: 'Enlists vehicles that come after the start of a campaign',
      environment: { ...this.tables('updatesTable', 'campaignsTable', 'releasesTable', 'registryTable') },
      asynchronous: true,
    });
    grantRecords(changed, updatesTable, 'GetItem', 'PutItem', 'Query');
    grantRecords(changed, campaignsTable, 'GetItem', 'PutItem', 'Query');
    for (const table of [releasesTable, registryTable]) grantRecords(changed, table, 'GetItem');
    this.mayAskWhoShares(changed);
    this.hears(changed, 'VehicleRule', bus, 'update-vehicle-changed', 'Vehicles that run other software', {
      source: ['fleetloom.registry'],
      detailType: ['VehicleSoftwareChanged'],
    });
    return changed;
  }

  private hears(
    target: HouseFunction,
    id: string,
    eventBus: EventBus,
    name: string,
    description: string,
    eventPattern: EventPattern,
  ): void {
    const ruleName = named(this.#stage, name);
    const rule = new Rule(this, id, { ruleName, description, eventBus, eventPattern });
    rule.addTarget(
      new FunctionTarget(target, {
        ...(target.deadLetterQueue === undefined ? {} : { deadLetterQueue: target.deadLetterQueue }),
        retryAttempts: 185,
        maxEventAge: Duration.hours(24),
      }),
    );
  }

  private mayDecide(target: HouseFunction): void {
    const { updatesTable, campaignsTable, releasesTable, ownershipTable } = this.#data;
    grantRecords(target, updatesTable, 'GetItem', 'PutItem', 'Query');
    for (const table of [campaignsTable, releasesTable, ownershipTable]) grantRecords(target, table, 'GetItem');
    this.mayAskWhoShares(target);
  }

  /** Who sits in a shared vehicle is not asked. */
  private mayAskWhoShares(target: HouseFunction): void {
    const { bookingsTable } = this.#data;
    target.addEnvironment('BOOKINGS_TABLE', bookingsTable.tableName);
    grantRecords(target, bookingsTable, 'BatchGetItem');
  }

  private tables(...names: readonly (keyof Data)[]): Record<string, string> {
    return Object.fromEntries(
      names.map((name) => [name.replace('Table', '_table').toUpperCase(), this.#data[name].tableName]),
    );
  }

  private groups(): readonly string[] {
    return [this.campaignGroups(), this.standingGroup()];
  }

  private campaignGroups(): string {
    return `thinggroup/${campaignGroupName(this.#stage, 'cmp-*')}`;
  }

  private standingGroup(): string {
    return `thinggroup/${standingRollout(this.#stage)}`;
  }

  private jobs(): string {
    return `job/${campaignJobId(this.#stage, 'cmp-*')}`;
  }
}
