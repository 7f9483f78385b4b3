import { Duration } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { anyVehicle, named } from '../names.ts';
import { countedBy } from '../parts/alarms.ts';
import { CertificateWatch } from '../parts/certificate-watch.ts';
import { TableStream } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { Provisioning } from '../parts/provisioning.ts';
import { LastStop } from '../parts/queues.ts';
import { grantIndexes, grantRecords } from '../parts/record-grants.ts';
import type { RecordTable } from '../parts/record-table.ts';
import type { Audit } from './audit.ts';
import type { Ingest } from './ingest.ts';

export interface RegistryProps {
  readonly house: House;
  readonly ingest: Ingest;
  readonly table: RecordTable;
  readonly audit: Audit;
}

/** Which vehicles there are: admits them, notes what they report of themselves, and draws the consequences of a change. */
export class Registry extends Construct {
  readonly functions: readonly HouseFunction[];
  /** Where subscribers hear what happens, whichever capability tells it. */
  readonly bus: EventBus;
  /** Hears of each change. */
  readonly changed: HouseFunction;
  /** Says who may change its certificate. */
  readonly admitRotation: HouseFunction;
  readonly #table: RecordTable;

  constructor(scope: Construct, id: string, { house, ingest, table, audit }: RegistryProps) {
    super(scope, id);
    this.#table = table;
    this.bus = new EventBus(this, 'Events', { eventBusName: named(house.settings.stage, 'events') });
    const [admit, admitRotation] = this.admission(house);
    this.admitRotation = admitRotation;
    this.changed = this.consequences(house, audit);
    this.functions = [
      ...[admit, admitRotation],
      new CertificateWatch(this, 'Certificates', { house, table }).function,
      this.inventory(house, ingest),
      this.presence(house, ingest),
      this.changed,
    ];
  }

  serve(api: HouseFunction): void {
    api.addEnvironment('REGISTRY_TABLE', this.#table.tableName);
    grantRecords(api, this.#table, 'GetItem', 'BatchGetItem', 'PutItem');
    grantIndexes(api, this.#table, 'byModel', 'bySoftware');
  }

  /** The provisioning templates and their hooks: expected VINs come in, vehicles change their own certificate. */
  private admission(house: House): readonly [HouseFunction, HouseFunction] {
    const hook = this.hook(house, 'Admit', {
      name: 'admit-vehicle',
      description: 'Pre-provisioning hook: admits the vehicles that the registry expects',
    });
    const rotationHook = this.hook(house, 'AdmitRotation', {
      name: 'admit-rotation',
      description: 'Pre-provisioning hook: admits the next certificate of an active vehicle',
    });
    house.alarms.raise(this, 'RotationsRefused', {
      says: 'Vehicles are refused their next certificate; the log says why',
      metric: countedBy('admit-rotation', 'RotationsRefused'),
      // A vehicle may ask once more for what it was given already.
      above: 5,
    });
    new Provisioning(this, 'Provisioning', { stage: house.settings.stage, hook, rotationHook });
    return [hook, rotationHook];
  }

  private hook(house: House, id: string, says: { readonly name: string; readonly description: string }): HouseFunction {
    const hook = new HouseFunction(this, id, house, {
      ...says,
      environment: { REGISTRY_TABLE: this.#table.tableName },
      // AWS IoT waits five seconds for its hook.
      timeout: Duration.seconds(5),
      memorySize: 1024,
    });
    grantRecords(hook, this.#table, 'GetItem', 'PutItem');
    return hook;
  }

  private inventory(house: House, ingest: Ingest): HouseFunction {
    const inventory = new HouseFunction(this, 'Inventory', house, {
      name: 'inventory-reported',
      description: 'Notes the control units and software that a vehicle reports',
      environment: { REGISTRY_TABLE: this.#table.tableName },
      asynchronous: true,
    });
    grantRecords(inventory, this.#table, 'GetItem', 'PutItem');
    ingest.reports('Inventory', 'inventory', { kind: 'function', function: inventory });
    ingest.mayQuarantine(inventory);
    return inventory;
  }

  private presence(house: House, ingest: Ingest): HouseFunction {
    const presence = new HouseFunction(this, 'Presence', house, {
      name: 'presence-changed',
      description: 'Notes that a vehicle came or went: confirms its reservation, or cuts it off',
      environment: { REGISTRY_TABLE: this.#table.tableName },
      asynchronous: true,
    });
    grantRecords(presence, this.#table, 'GetItem', 'PutItem');
    mayShutOut(presence);
    ingest.presence(this, 'presence', {
      description: 'Connections of vehicles, without those of claims',
      clients: "startswith(topic(5), 'claim-') = false",
      listener: presence,
    });
    return presence;
  }

  /** A suspended vehicle loses its certificate and its connection; subscribers hear of every change. */
  private consequences(house: House, audit: Audit): HouseFunction {
    const { bus } = this;
    const changed = new HouseFunction(this, 'Changed', house, {
      name: 'vehicle-changed',
      description: 'Draws the consequences of a change in the registry',
      environment: { EVENT_BUS_NAME: bus.eventBusName },
    });
    changed.may(['events:PutEvents'], bus.eventBusArn);
    mayShutOut(changed);
    audit.mayAppend(changed);
    new TableStream(this, 'Stream', {
      house,
      table: this.#table,
      target: changed,
      failures: new LastStop(
        this,
        'ChangedDead',
        house,
        'vehicle-changed-dead',
        'Changes of vehicles had no consequences',
      ),
    });
    return changed;
  }
}

function mayShutOut(target: HouseFunction): void {
  target.mayInIot(
    ['iot:UpdateCertificate'],
    ['cert/*'],
    'A certificate is named by its fingerprint: no prefix tells whose it is.',
  );
  target.mayInIot(['iot:DeleteConnection'], [`client/${anyVehicle}`], 'Any vehicle may be suspended.');
}
