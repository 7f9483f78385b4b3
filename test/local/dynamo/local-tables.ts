import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalClock, systemClock } from '#local/clock.ts';
import { type Engine, startEngine } from '#local/dynamo/engine.ts';
import { EngineClient } from '#local/dynamo/engine-client.ts';
import { tableResources } from '#local/dynamo/resources.ts';
import { TableWrites } from '#local/dynamo/table-writes.ts';
import { TimeToLive } from '#local/dynamo/time-to-live.ts';
import type { Provisioned, ResourceScope } from '#local/template/resource-type.ts';

export const place = { region: 'eu-central-1', accountId: '000000000000' };

export function scope(physicalName: string): ResourceScope {
  return { ...place, stackName: 'Test', logicalId: physicalName, physicalName, assemblyDirectory: '.', metadata: {} };
}

/** An engine in a directory of its own, and what stands around it. */
export interface LocalTables {
  readonly directory: string;
  readonly engine: Engine;
  readonly client: EngineClient;
  readonly writes: TableWrites;
  readonly timeToLive: TimeToLive;
  create(type: string, name: string, properties: Readonly<Record<string, unknown>>): Promise<Provisioned>;
  close(): Promise<void>;
}

export async function localTables(clock: LocalClock = systemClock): Promise<LocalTables> {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-tables-'));
  const engine = await startEngine({ stateDirectory: directory, onDeath: () => {}, log: () => {} });
  const client = new EngineClient(engine.endpoint, place);
  const writes = new TableWrites();
  const timeToLive = new TimeToLive({ engine: client, writes, clock, log: () => {} });
  const types = tableResources({ engine: client, timeToLive });
  return {
    directory,
    engine,
    client,
    writes,
    timeToLive,
    async create(type, name, properties) {
      const found = types.find((candidate) => candidate.type === type);
      if (found === undefined) throw new Error(`no type ${type}`);
      return found.create(properties, scope(name));
    },
    async close() {
      timeToLive.stop();
      client.close();
      await engine.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What CDK's TableV2 synthesizes for a table like ours. */
export const globalTable = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'brand', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byBrand',
      KeySchema: [{ AttributeName: 'brand', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  Replicas: [
    {
      Region: 'eu-central-1',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    },
  ],
};
