import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { Api } from './capabilities/api.ts';
import { Audit } from './capabilities/audit.ts';
import { Commands } from './capabilities/commands.ts';
import { Director } from './capabilities/director.ts';
import { Erasure } from './capabilities/erasure.ts';
import { Evidence } from './capabilities/evidence.ts';
import { Homes } from './capabilities/homes.ts';
import { Ingest } from './capabilities/ingest.ts';
import { Moves } from './capabilities/moves.ts';
import { Ownership } from './capabilities/ownership.ts';
import { PostedEvents } from './capabilities/posted-events.ts';
import { Registry } from './capabilities/registry.ts';
import { Releases } from './capabilities/releases.ts';
import { Sharing } from './capabilities/sharing.ts';
import { Telemetry } from './capabilities/telemetry.ts';
import { Transfers } from './capabilities/transfers.ts';
import { Twins } from './capabilities/twins.ts';
import { Updates } from './capabilities/updates.ts';
import type { DataStack } from './data-stack.ts';
import { deviceCloudNames } from './names.ts';
import { Alarms } from './parts/alarms.ts';
import { Board } from './parts/board.ts';
import { Downloads } from './parts/downloads.ts';
import type { House } from './parts/house.ts';
import type { HouseFunction } from './parts/house-function.ts';
import type { Settings } from './settings.ts';

export interface PlatformStackProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly functionsDirectory: string;
}

/** Whoever speaks with vehicles, and hears from them. */
interface Surroundings {
  readonly house: House;
  readonly ingest: Ingest;
  readonly data: DataStack;
  readonly api: Api;
  readonly functions: readonly HouseFunction[];
  readonly registry: Registry;
  readonly sharing: Sharing;
}

/** What concerns vehicles and can be thrown away and deployed again. */
export class PlatformStack extends Stack {
  readonly alarms: Alarms;
  readonly api: Api;
  readonly audit: Audit;
  readonly bus: EventBus;
  readonly sharing: Sharing;
  /** Absent where a stage has none but the first. */
  readonly homes: Homes | undefined;

  constructor(scope: Construct, { settings, data, functionsDirectory }: PlatformStackProps) {
    super(scope, `Fleetloom-${settings.stage}-Platform`, {
      env: { region: settings.region },
      description: `Fleetloom ${settings.stage}: functions, rules and the API of vehicles`,
    });
    const house: House = { settings, functionsDirectory, alarms: new Alarms(this, 'Alarms', settings) };
    this.alarms = house.alarms;
    const ingest = new Ingest(this, 'Ingest', house);
    const audit = new Audit(this, 'Audit', { table: data.auditTable });
    const registry = new Registry(this, 'Registry', { house, ingest, audit, table: data.registryTable });
    const telemetry = new Telemetry(this, 'Telemetry', { house, ingest, table: data.telemetryTable });
    const commands = new Commands(this, 'Commands', { house, ingest, audit, table: data.commandsTable });
    const twins = new Twins(this, 'Twins');
    const transfers = new Transfers(this, 'Transfers', { house, data, audit });
    const ownership = new Ownership(this, 'Ownership', {
      ...{ house, ingest, table: data.ownershipTable },
      ...{ registryTable: data.registryTable, bus: registry.bus },
    });
    const downloads = new Downloads(this, 'Downloads', { settings, bucket: data.updates, key: data.keys.downloads });
    const releases = new Releases(this, 'Releases', { house, data });
    const updates = new Updates(this, 'Updates', { house, ingest, data, bus: registry.bus });
    const director = new Director(this, 'Director', { house, data, downloads });
    director.isAskedBy(updates.reported);
    const sharing = new Sharing(this, 'Sharing', { house, ingest, data, bus: registry.bus });
    const evidence = new Evidence(this, 'Evidence', { house, data, bus: registry.bus });
    const refusing = [updates.reported, director.asked, registry.admitRotation, sharing.reported];
    for (const target of refusing) evidence.hears(target);
    for (const told of [updates.reported, updates.changed]) evidence.isToldBy(told);
    const erasure = new Erasure(this, 'Erasure', { house, data, audit, events: registry.bus });
    const api = new Api(this, 'Api', {
      ...{ house, data, audit },
      capabilities: [
        registry,
        telemetry,
        commands,
        twins,
        audit,
        transfers,
        ownership,
        releases,
        updates,
        director,
        evidence,
        { serve: (served) => sharing.showUse(served) },
        erasure,
      ],
    });
    const functions = [
      registry,
      telemetry,
      commands,
      transfers,
      ownership,
      releases,
      updates,
      director,
      evidence,
      sharing,
      erasure,
    ].flatMap((capability) => capability.functions);
    const others = this.otherHomes({ house, ingest, data, api, functions, registry, sharing });
    new Board(this, 'Board', {
      ...{ house, name: 'overview', http: api.http },
      functions: [api.function, ...functions, ...(others?.functions ?? [])],
    });
    this.homes = others?.homes;
    [this.api, this.audit, this.bus, this.sharing] = [api, audit, registry.bus, sharing];
    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'ProvisioningTemplateName', { value: deviceCloudNames(settings.stage).provisioningTemplate });
  }

  /** After whoever listens and speaks: events of other homes go to the same functions, and orders to them come from there. */
  private otherHomes({
    house,
    ingest,
    data,
    api,
    functions,
    registry,
    sharing,
  }: Surroundings): { readonly homes: Homes; readonly functions: readonly HouseFunction[] } | undefined {
    if (house.settings.homes.length === 0) return undefined;
    const homes = new Homes(this, 'Homes', { house, registryTable: data.registryTable });
    const moves = new Moves(this, 'Moves', { house, data, sharing });
    moves.isCalledBy(registry.changed);
    homes.serve([api.function, ...functions, moves.moved]);
    const posted = new PostedEvents(this, 'PostedEvents', { house, ingest, data, http: api.http });
    for (const fn of posted.functions) moves.isCalledBy(fn);
    return { homes, functions: [...homes.functions, moves.moved, ...posted.functions] };
  }
}
