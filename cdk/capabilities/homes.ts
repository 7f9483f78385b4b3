import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { countedBy } from '../parts/alarms.ts';
import { QueueConsumer } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { WorkQueue } from '../parts/queues.ts';
import { grantRecords } from '../parts/record-grants.ts';
import type { RecordTable } from '../parts/record-table.ts';

export interface HomesProps {
  readonly house: House;
  readonly registryTable: RecordTable;
}

/**
 * `brands`: knows where a brand's vehicles are at home. `finds`: looks up where one vehicle is. `asks`: waits for what a
 * hub says. `tells`: gives orders that nobody waits for.
 */
type Need = 'brands' | 'finds' | 'asks' | 'tells';

/** Of every function that speaks with vehicles, or registers them. */
const needs: Readonly<Record<string, readonly Need[]>> = {
  api: ['brands', 'finds', 'asks'],
  'campaign-continued': ['finds', 'tells'],
  'claim-code-asked': ['finds', 'tells'],
  'director-asked': ['finds', 'tells'],
  'erasure-due': ['asks'],
  'import-continued': ['brands'],
  'ownership-changed': ['finds', 'tells'],
  'presence-changed': ['tells'],
  'sharing-api': ['finds', 'tells'],
  'sharing-due': ['finds', 'tells'],
  'sharing-reported': ['finds', 'tells'],
  'sharing-stated': ['finds', 'tells'],
  'update-changed': ['finds', 'tells'],
  'vehicle-changed': ['tells'],
  'vehicle-moved': ['brands', 'finds', 'asks', 'tells'],
};

/** What a token for a hub is exchanged for is said to this audience and to no other (Microsoft Entra, "Workload identity federation"). */
const audience = 'api://AzureADTokenExchange';

/** The API gives up after 29 seconds. */
const patience = Duration.seconds(28);
/** Four orders, each of which a vehicle may leave without an answer for ten seconds. */
const timeout = Duration.seconds(60);
/** A second delivery does no harm: orders carry numbers. So what was throttled is tried again soon. */
const visibility = Duration.seconds(90);
/** A day and more (SQS counts no further): a hub that has had its messages of the day takes more at midnight, UTC. */
const attempts = 1000;

/** The device clouds beside AWS IoT, and the two functions that speak with them. Not there where a stage has none. */
export class Homes extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #registryTable: RecordTable;
  readonly #list: string;
  readonly #asked: HouseFunction;
  readonly #orders: WorkQueue;

  constructor(scope: Construct, id: string, { house, registryTable }: HomesProps) {
    super(scope, id);
    const { homes } = house.settings;
    this.#registryTable = registryTable;
    this.#list = JSON.stringify(homes.map(({ name, brands }) => ({ name, brands })));
    const hubs = homes.map(({ name, hub, tenantId, clientId }) => ({ name, hub, tenantId, clientId }));
    const environment = { HUBS: JSON.stringify(hubs) };
    this.#orders = new WorkQueue(this, 'Orders', house, {
      ...{ name: 'hub-orders', consumerTimeout: timeout, visibility, attempts },
    });
    this.#asked = new HouseFunction(this, 'Asked', house, {
      name: 'hub-asked',
      description: 'Asks the hub of another home what somebody waits for',
      ...{ environment, timeout: patience, memorySize: 1024 },
      // Commands for whose outcome nobody waits.
      asynchronous: true,
    });
    const told = new HouseFunction(this, 'Told', house, {
      name: 'hub-told',
      description: 'Does at the hub of another home what nobody waits for',
      ...{ environment, timeout },
    });
    new QueueConsumer(this, 'OrdersConsumer', {
      ...{ queue: this.#orders, target: told, batchSize: 4 },
      // A hub takes so many calls a second, however many wait.
      maximumConcurrency: 2,
    });
    house.alarms.raise(this, 'HubsThrottled', {
      says: 'A hub takes less than it is told: what nobody waits for is late',
      metric: countedBy('hub-told', 'HubsThrottled'),
      above: 5,
    });
    this.functions = [this.#asked, told];
    for (const fn of this.functions) mayProveItself(fn);
  }

  /** Gives the functions that need it the way to the other homes. */
  serve(functions: readonly HouseFunction[]): void {
    for (const fn of functions) for (const need of needs[fn.handlerName] ?? []) this.#serve(fn, need);
  }

  #serve(fn: HouseFunction, need: Need): void {
    fn.addEnvironment('HOMES', this.#list);
    switch (need) {
      case 'brands':
        break;
      case 'finds':
        fn.addEnvironment('REGISTRY_TABLE', this.#registryTable.tableName);
        grantRecords(fn, this.#registryTable, 'GetItem');
        break;
      case 'asks':
        fn.addEnvironment('HUB_ASKED_FUNCTION', this.#asked.functionName);
        fn.may(['lambda:InvokeFunction'], this.#asked.functionArn);
        break;
      case 'tells':
        fn.addEnvironment('HUB_ORDERS_QUEUE_URL', this.#orders.queueUrl);
        fn.may(['sqs:SendMessage'], this.#orders.queueArn);
        break;
    }
  }
}

/** To the directory of the hubs, without a secret: by a token that AWS signs, for this audience alone. */
function mayProveItself(fn: HouseFunction): void {
  fn.addToRolePolicy(
    new PolicyStatement({
      actions: ['sts:GetWebIdentityToken'],
      // It is a token of the role itself: there is no other resource to name.
      resources: ['*'],
      conditions: {
        'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': audience },
        Null: { 'sts:IdentityTokenAudience': 'false' },
      },
    }),
  );
}
