import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startEngine } from '#local/dynamo/engine.ts';
import { EngineClient } from '#local/dynamo/engine-client.ts';
import { eventually } from '../queues/local-event-sources.ts';
import { place } from './local-tables.ts';

const list = (endpoint: string) => new EngineClient(endpoint, place).call('ListTables', {});

describe('the DynamoDB engine', () => {
  let stateDirectory: string;
  let owner: ChildProcess | undefined;

  beforeEach(() => {
    stateDirectory = mkdtempSync(join(tmpdir(), 'fleetloom-engine-'));
  });
  afterEach(() => {
    owner?.kill('SIGKILL');
    rmSync(stateDirectory, { recursive: true, force: true });
  });

  test('finds the records of a stream by an index, however many there are', async () => {
    const engine = await startEngine({ stateDirectory, onDeath: () => {}, log: () => {} });
    await engine.stop();
    const tables = readFileSync(join(stateDirectory, 'dynamo', 'tables.db'), 'latin1');
    expect(tables).toContain('ON _stream_records (table_name, CAST(sequence_number AS INTEGER))');
    expect(tables).toContain('ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER))');
  });

  test('keeps its tables over a restart and says nothing of a death when it is stopped', async () => {
    const deaths: string[] = [];
    const start = () => startEngine({ stateDirectory, onDeath: (reason) => deaths.push(reason), log: () => {} });
    const first = await start();
    await new EngineClient(first.endpoint, place).call('CreateTable', {
      TableName: 'Kept',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    });
    await first.stop();
    const second = await start();
    expect(await list(second.endpoint)).toMatchObject({ TableNames: ['Kept'] });
    await second.stop();
    expect(deaths).toEqual([]);
  });

  test('dies with its owner, also when that one is killed', async () => {
    const program = `
      import { startEngine } from '#local/dynamo/engine.ts';
      const engine = await startEngine({ stateDirectory: ${JSON.stringify(stateDirectory)}, onDeath() {}, log() {} });
      process.stdout.write(engine.endpoint + '\\n');
      setInterval(() => {}, 1000);
    `;
    owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const endpoint = await new Promise<string>((resolve) => {
      owner?.stdout?.once('data', (text: Buffer) => resolve(text.toString().trim()));
    });
    expect(await list(endpoint)).toMatchObject({ TableNames: [] });
    owner.kill('SIGKILL');
    await eventually(() => expect(list(endpoint)).rejects.toThrow(/did not answer/));
  });

  test('that is named in DYNAMODB_ENDPOINT is used and left running', async () => {
    process.env['DYNAMODB_ENDPOINT'] = 'http://127.0.0.1:1/';
    try {
      const engine = await startEngine({ stateDirectory, onDeath: () => {}, log: () => {} });
      expect(engine.endpoint).toBe('http://127.0.0.1:1');
      await engine.stop();
    } finally {
      delete process.env['DYNAMODB_ENDPOINT'];
    }
  });
});
