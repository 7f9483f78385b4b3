import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { campaignGroupName, commandTopic, standingRollout } from '#shared/vehicle-cloud/topics.ts';
import type { DataStack } from '../data-stack.ts';
import { anyVehicle, deviceCloudNames } from '../names.ts';
import { countedBy } from '../parts/alarms.ts';
import { QueueConsumer } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { WorkQueue } from '../parts/queues.ts';
import { grantRecords } from '../parts/record-grants.ts';
import type { Sharing } from './sharing.ts';

export interface MovesProps {
  readonly house: House;
  readonly data: DataStack;
  readonly sharing: Sharing;
}

/** A step copies what is desired of a vehicle, twin by twin; a hub may let each call wait for half a minute. */
const timeout = Duration.minutes(2);
/** Each step may be taken twice. A hub that is busy takes the next one soon. */
const visibility = Duration.seconds(150);
/** A day and two thirds: a hub that has had its messages of the day takes more at midnight, UTC. */
const attempts = 1000;

const movable = 'Any vehicle may move to another device cloud, or come from one.';
const fingerprint = 'A certificate is named by its fingerprint: no prefix tells whose it is.';

/** Carries vehicles from one device cloud to another. Not there where a stage has the first one alone. */
export class Moves extends Construct {
  readonly moved: HouseFunction;
  readonly #queue: WorkQueue;

  constructor(scope: Construct, id: string, { house, data, sharing }: MovesProps) {
    super(scope, id);
    this.#queue = new WorkQueue(this, 'Calls', house, {
      ...{ name: 'vehicle-moves', consumerTimeout: timeout, visibility, attempts },
    });
    this.moved = new HouseFunction(this, 'Moved', house, {
      name: 'vehicle-moved',
      description: 'Takes the next step of a vehicle that is on its way to another device cloud',
      environment: environmentOf(data),
      timeout,
      memorySize: 1024,
      goesOnByItself: true,
    });
    this.isCalledBy(this.moved);
    mayKeepRecords(this.moved, data);
    sharing.mayHaveStated(this.moved);
    mayMakeAtHome(this.moved, house.settings.stage);
    maySpeak(this.moved, house.settings.stage);
    mayRemove(this.moved);
    new QueueConsumer(this, 'CallsConsumer', {
      // One that hangs at a hub must not have others called twice.
      ...{ queue: this.#queue, target: this.moved, batchSize: 1 },
      // A hub takes a few changes of identities a second, however many vehicles move.
      maximumConcurrency: 10,
    });
    house.alarms.raise(this, 'Stuck', {
      says: 'The move of a vehicle has failed for an hour; the log of vehicle-moved says why',
      metric: countedBy('vehicle-moved', 'MovesStuck'),
      above: 0,
    });
  }

  /** Who may have a move carried on, or a vehicle told again. */
  isCalledBy(fn: HouseFunction): void {
    fn.addEnvironment('VEHICLE_MOVES_QUEUE_URL', this.#queue.queueUrl);
    fn.may(['sqs:SendMessage'], this.#queue.queueArn);
  }
}

function environmentOf(data: DataStack): Record<string, string> {
  return {
    REGISTRY_TABLE: data.registryTable.tableName,
    COMMANDS_TABLE: data.commandsTable.tableName,
    UPDATES_TABLE: data.updatesTable.tableName,
    CAMPAIGNS_TABLE: data.campaignsTable.tableName,
    RELEASES_TABLE: data.releasesTable.tableName,
    BOOKINGS_TABLE: data.bookingsTable.tableName,
    TRIPS_TABLE: data.tripsTable.tableName,
  };
}

function mayKeepRecords(moved: HouseFunction, data: DataStack): void {
  const { registryTable, commandsTable, updatesTable, campaignsTable, releasesTable, bookingsTable, tripsTable } = data;
  grantRecords(moved, registryTable, 'GetItem', 'PutItem', 'Query', 'BatchWriteItem');
  grantRecords(moved, commandsTable, 'Query', 'UpdateItem');
  grantRecords(moved, updatesTable, 'Query');
  for (const table of [campaignsTable, releasesTable, bookingsTable, tripsTable]) grantRecords(moved, table, 'GetItem');
}

/** As the provisioning template does for a vehicle of this device cloud's own. */
function mayMakeAtHome(moved: HouseFunction, stage: string): void {
  const { allVehicles, brandPrefix } = deviceCloudNames(stage);
  const vehicle = `thing/${anyVehicle}`;
  moved.mayInIot(['iot:DescribeThing', 'iot:CreateThing'], [vehicle], movable);
  const groups = [`thinggroup/${allVehicles}`, `thinggroup/${brandPrefix}*`];
  moved.mayInIot(['iot:AddThingToThingGroup'], [vehicle, ...groups], movable);
  moved.mayInIot(
    ['iot:DescribeCertificate', 'iot:UpdateCertificate', 'iot:AttachThingPrincipal', 'iot:AttachPolicy'],
    ['cert/*'],
    fingerprint,
  );
  // These two know no resource.
  moved.addToRolePolicy(
    new PolicyStatement({ actions: ['iot:RegisterCertificateWithoutCA', 'iot:DescribeEndpoint'], resources: ['*'] }),
  );
}

function maySpeak(moved: HouseFunction, stage: string): void {
  const vehicle = `thing/${anyVehicle}`;
  moved.mayInIot(['iot:GetThingShadow', 'iot:UpdateThingShadow'], [`${vehicle}/*`], movable);
  moved.mayInIot(['iot:ListNamedShadowsForThing'], [vehicle], movable);
  moved.mayInIot(['iot:Publish'], [`topic/${commandTopic(anyVehicle)}`], movable);
  const rollouts = [campaignGroupName(stage, 'cmp-*'), standingRollout(stage)].map((name) => `thinggroup/${name}`);
  moved.mayInIot(['iot:AddThingToThingGroup'], [vehicle, ...rollouts], movable);
}

function mayRemove(moved: HouseFunction): void {
  const vehicle = `thing/${anyVehicle}`;
  moved.mayInIot(['iot:DeleteThing', 'iot:ListThingPrincipals'], [vehicle], movable);
  moved.mayInIot(['iot:DeleteThingShadow'], [vehicle, `${vehicle}/*`], movable);
  moved.mayInIot(['iot:DetachThingPrincipal', 'iot:DeleteCertificate'], ['cert/*'], fingerprint);
  moved.mayInIot(['iot:DeleteConnection'], [`client/${anyVehicle}`], movable);
}
