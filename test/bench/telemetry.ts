import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, ListTablesCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { storedIdentity } from '#device-sdk/identity-memory.ts';
import { openStorage } from '#device-sdk/storage.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { Journey } from '#local/tour/journey.ts';
import { at } from '#local/tour/telling.ts';
import { administrator } from '../support/aws-clients.ts';
import { type Figure, percentile, rounded } from './figure.ts';
import { proportionalSetSize } from './memory.ts';
import { start } from './running-cloud.ts';
import type { LoadedVehicle, LoadPlan, LoadReport } from './telemetry-plan.ts';

const portBase = 27_320;
const vehicles = 30;
const seconds = Number(process.env['BENCH_SECONDS'] ?? 60);
const promised = 300;

/**
 * Messages of a hundred readings from MQTT publish to readable through the API, at a steady rate for a minute. The
 * load generator shares this machine. Each second the backlog in the queue is read, and how old the newest value is
 * that the API shows of one vehicle. BENCH_RATE asks for another rate.
 */
export async function telemetryFigures(): Promise<readonly Figure[]> {
  const rate = Number(process.env['BENCH_RATE'] ?? promised);
  const state = mkdtempSync(join(tmpdir(), 'fleetloom-bench-'));
  const running = await start(state, { vehicles: 0, portBase });
  try {
    const fleet = await provisioned(running.cloud, join(state, 'vehicles'));
    const before = proportionalSetSize(running.process.pid ?? 0);
    const planFile = join(state, 'plan.json');
    const plan: LoadPlan = { cloudFile: join(state, 'cloud.json'), vehicles: fleet, rate, seconds };
    writeFileSync(planFile, JSON.stringify(plan));
    const load = fileURLToPath(new URL('telemetry-load.ts', import.meta.url));
    const generator = spawn(process.execPath, ['--import', 'tsx', load, planFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const printed = text(generator.stdout);
    const samples = await sampled(running.cloud, fleet, printed);
    const { sent, acknowledged, refused, seconds: took }: LoadReport = JSON.parse(await printed);
    const emptied = await untilEmpty(running.cloud);
    const kept = await keptMessages(running.cloud, fleet);
    const half = Math.floor(samples.length / 2);
    const backlogs = samples.map(({ backlog }) => backlog);
    const lags = samples.map(({ lag }) => lag).filter((lag) => !Number.isNaN(lag));
    return [
      { name: 'telemetry-acknowledged', value: rounded(acknowledged / took), unit: 'messages/s', least: 0.99 * rate },
      { name: 'telemetry-refused', value: refused, unit: 'messages', limit: 0 },
      { name: 'telemetry-lost', value: sent - kept, unit: 'messages', limit: 0 },
      { name: 'telemetry-backlog-1st-half', value: rounded(mean(backlogs.slice(0, half))), unit: 'messages' },
      { name: 'telemetry-backlog-2nd-half', value: rounded(mean(backlogs.slice(half))), unit: 'messages' },
      { name: 'telemetry-emptied-after', value: rounded(emptied / 1000), unit: 's', limit: 5 },
      { name: 'telemetry-age-median', value: rounded(percentile(lags, 0.5)), unit: 'ms' },
      { name: 'telemetry-age-p99', value: rounded(percentile(lags, 0.99)), unit: 'ms' },
      { name: 'telemetry-memory-before', value: rounded(before), unit: 'MB' },
      { name: 'telemetry-memory-after', value: rounded(proportionalSetSize(running.process.pid ?? 0)), unit: 'MB' },
    ];
  } finally {
    await running.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

/** Vehicles that introduced themselves on the device SDK, as what a load generator needs of them. */
async function provisioned(cloud: CloudFile, directory: string): Promise<readonly LoadedVehicle[]> {
  const journey = new Journey(cloud, directory);
  const fleet: LoadedVehicle[] = [];
  for (let index = 0; index < vehicles; index += 1) {
    const vin = `WVWZZZE1ZMP7${String(index).padStart(5, '0')}`;
    await journey.registered({ ...golf, vin });
    await journey.vehicle(vin).provision();
    const identity = storedIdentity(openStorage(join(directory, vin)));
    if (identity === undefined) throw new Error(`${vin} was not provisioned`);
    const { vehicleId, certificatePem, privateKeyPem, topics } = identity;
    fleet.push({ vehicleId, topic: topics.telemetryTopic, certificatePem, privateKeyPem });
  }
  await journey.end();
  return fleet;
}

interface Sample {
  /** Messages in the telemetry queue, also those that a function is working on. */
  readonly backlog: number;
  /** Age of the newest value of a vehicle, in ms, as the API shows it. */
  readonly lag: number;
}

async function sampled(
  cloud: CloudFile,
  fleet: readonly LoadedVehicle[],
  until: Promise<unknown>,
): Promise<readonly Sample[]> {
  const operator = new ApiClient(cloud, 'operator');
  const samples: Sample[] = [];
  let over = false;
  const end = (): void => {
    over = true;
  };
  until.then(end, end);
  while (!over) {
    const { vehicleId } = fleet[samples.length % fleet.length] ?? { vehicleId: '' };
    const { body } = await operator.get(`/v1/vehicles/${vehicleId}/telemetry?signals=Vehicle.Speed`);
    const time = at(body, 'signals', 'Vehicle.Speed', 'time');
    const lag = typeof time === 'string' ? Date.now() - Date.parse(time) : Number.NaN;
    samples.push({ backlog: await backlogOf(cloud), lag });
    await pause(1000);
  }
  return samples;
}

async function backlogOf(cloud: CloudFile): Promise<number> {
  const sqs = new SQSClient(administrator(cloud));
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'fleetloom-dev-telemetry' }));
  const QueueUrl = QueueUrls.find((url) => url.endsWith('-telemetry'));
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }));
  return names.reduce((sum, name) => sum + Number(Attributes[name] ?? Number.NaN), 0);
}

async function untilEmpty(cloud: CloudFile): Promise<number> {
  const begun = performance.now();
  while ((await backlogOf(cloud)) > 0) await pause(50);
  return performance.now() - begun;
}

/** Each message that was kept is one item of its vehicle's history. */
async function keptMessages(cloud: CloudFile, fleet: readonly LoadedVehicle[]): Promise<number> {
  const dynamo = new DynamoDBClient(administrator(cloud));
  const { TableNames = [] } = await dynamo.send(new ListTablesCommand({}));
  const TableName = TableNames.find((name) => name.includes('Telemetry'));
  let kept = 0;
  for (const { vehicleId } of fleet) {
    const pages = paginateQuery(
      { client: dynamo },
      {
        TableName,
        Select: 'COUNT',
        KeyConditionExpression: 'pk = :vehicle AND begins_with(sk, :history)',
        ExpressionAttributeValues: { ':vehicle': { S: vehicleId }, ':history': { S: 'h#' } },
      },
    );
    for await (const { Count = 0 } of pages) kept += Count;
  }
  return kept;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
