import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { PricingPlan } from '#shared/sharing/prices/plan.ts';
import type { SetupRepository, VehicleWrite } from '#shared/sharing/setup/setup-repository.ts';
import type { FleetVehicle, Operator, SharingSystem } from '#shared/sharing/setup/system.ts';
import type { OperatorId, SystemId } from '#shared/sharing/sharing-id.ts';
import type { ZoneSet } from '#shared/sharing/zones/zone.ts';
import { unlessContended, written } from './document-client.ts';
import { FleetItems } from './sharing-fleet-items.ts';
import { operatorOf, planOf, systemOf, vehicleOf, zonesItemOf, zonesOf } from './sharing-setup-item.ts';
import { cityList, operatorList, prefixes, setupKeys, systemList, systemPartition } from './sharing-setup-keys.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

const labelItem = z.object({ vehicleId: z.string() });

type Key = { readonly pk: string; readonly sk: string };
type Writes = NonNullable<TransactWriteCommandInput['TransactItems']>;

/** Sort keys are slugs and vehicle ids. */
function isPlace(from: string): boolean {
  return /^[a-z0-9-]{1,80}$/.test(from);
}

/** New where nothing was seen; else as it was seen. */
function asSeen(seen: number) {
  return seen === 0
    ? { ConditionExpression: isNew }
    : { ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen } };
}

/** A system without zones says nothing of them. */
function withZonesAsSeen(seen: number, zones: number) {
  return {
    ConditionExpression: `${unchanged} AND (attribute_not_exists(zones) OR zones = :zones)`,
    ExpressionAttributeValues: { ':seen': seen, ':zones': zones },
  };
}

export class DynamoSharingSetup implements SetupRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #fleet: FleetItems;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
    this.#fleet = new FleetItems(client, table);
  }

  operator(id: OperatorId): Promise<Operator | undefined> {
    return this.#read(setupKeys.operator(id), operatorOf);
  }

  system(id: SystemId): Promise<SharingSystem | undefined> {
    return this.#read(setupKeys.system(id), systemOf);
  }

  zones(id: SystemId): Promise<ZoneSet | undefined> {
    return this.#read(setupKeys.zones(id), zonesOf);
  }

  plan(id: SystemId, planId: string, version?: number): Promise<PricingPlan | undefined> {
    const key = version === undefined ? setupKeys.newestPlan(id, planId) : setupKeys.planVersion(id, planId, version);
    return this.#read(key, planOf);
  }

  fleetVehicle(vehicleId: string): Promise<FleetVehicle | undefined> {
    return this.#read(setupKeys.vehicle(vehicleId), vehicleOf);
  }

  addOperator(operator: Operator): Promise<boolean> {
    return this.saveOperator(operator, 0);
  }

  saveOperator(operator: Operator, seen: number): Promise<boolean> {
    const Item = { ...setupKeys.operator(operator.operatorId), ...operator };
    return written(this.#client.send(new PutCommand({ TableName: this.#table, Item, ...asSeen(seen) })));
  }

  operators(page: PageRequest): Promise<Page<Operator>> {
    return this.#list(operatorList, '', page, operatorOf);
  }

  addSystem(system: SharingSystem): Promise<boolean> {
    return this.saveSystem(system, 0);
  }

  /** With its lines in the operator's list and in that of all, which say the same. */
  saveSystem(system: SharingSystem, seen: number, zones?: number): Promise<boolean> {
    const TableName = this.#table;
    const Item = { ...setupKeys.system(system.systemId), ...system, ...(zones !== undefined && { zones }) };
    return this.#together([
      { Put: { TableName, Item, ...(zones === undefined ? asSeen(seen) : withZonesAsSeen(seen, zones)) } },
      { Put: { TableName, Item: { ...setupKeys.systemLine(system), ...system } } },
      { Put: { TableName, Item: { ...setupKeys.cityLine(system.systemId), ...system } } },
    ]);
  }

  systems(operatorId: OperatorId, page: PageRequest): Promise<Page<SharingSystem>> {
    return this.#list(systemList(operatorId), '', page, systemOf);
  }

  allSystems(page: PageRequest): Promise<Page<SharingSystem>> {
    return this.#list(cityList, '', page, systemOf);
  }

  /** The system's item says which zones there are: whoever changes it meanwhile, or they, has to look again. */
  saveZones(id: SystemId, zones: ZoneSet, seenSystem?: number): Promise<boolean> {
    const TableName = this.#table;
    const put = { TableName, Item: zonesItemOf(zones, id), ...asSeen(zones.version - 1) };
    if (seenSystem === undefined) return written(this.#client.send(new PutCommand(put)));
    const told = {
      ...{ TableName, Key: setupKeys.system(id), UpdateExpression: 'SET zones = :zones' },
      ConditionExpression: unchanged,
      ExpressionAttributeValues: { ':zones': zones.version, ':seen': seenSystem },
    };
    return this.#together([{ Put: put }, { Update: told }]);
  }

  /** The version, which nothing changes any more, and what is now the newest. */
  addPlan(id: SystemId, plan: PricingPlan): Promise<boolean> {
    const TableName = this.#table;
    const { planId, version } = plan;
    return this.#together([
      {
        Put: {
          TableName,
          Item: { ...setupKeys.planVersion(id, planId, version), ...plan },
          ConditionExpression: isNew,
        },
      },
      { Put: { TableName, Item: { ...setupKeys.newestPlan(id, planId), ...plan }, ...asSeen(version - 1) } },
    ]);
  }

  plans(id: SystemId, page: PageRequest): Promise<Page<PricingPlan>> {
    return this.#list(systemPartition(id), prefixes.plan, page, planOf);
  }

  addVehicle(vehicle: FleetVehicle): Promise<VehicleWrite> {
    return this.#fleet.write(vehicle);
  }

  saveVehicle(vehicle: FleetVehicle, seen: FleetVehicle): Promise<VehicleWrite> {
    return this.#fleet.write(vehicle, seen);
  }

  /** The vehicle that has this on it now. */
  async labelled(systemId: SystemId, label: string): Promise<string | undefined> {
    const found = await this.#read(setupKeys.label({ systemId, label }), (item) => labelItem.parse(item));
    return found?.vehicleId;
  }

  vehicles(id: SystemId, page: PageRequest): Promise<Page<FleetVehicle>> {
    return this.#list(systemPartition(id), prefixes.vehicle, page, vehicleOf);
  }

  async #read<T>(key: Key, parse: (item: unknown) => T): Promise<T | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: key, ConsistentRead: true }),
    );
    return Item === undefined ? undefined : parse(Item);
  }

  /** @param from the sort key after the prefix */
  async #list<T>(
    pk: string,
    prefix: string,
    { limit, from }: PageRequest,
    parse: (item: unknown) => T,
  ): Promise<Page<T>> {
    if (from !== undefined && !isPlace(from)) {
      throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
    }
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: limit, ConsistentRead: true },
        KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ...(prefix !== '' && { ':prefix': prefix }) },
        ...(from !== undefined && { ExclusiveStartKey: { pk, sk: `${prefix}${from}` } }),
      }),
    );
    const items = Items.map(parse);
    const last: unknown = LastEvaluatedKey?.['sk'];
    return typeof last === 'string' ? { items, next: last.slice(prefix.length) } : { items };
  }

  #together(TransactItems: Writes): Promise<boolean> {
    return unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems }))));
  }
}
