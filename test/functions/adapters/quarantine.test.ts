import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SqsQuarantine } from '#functions/adapters/sqs/quarantine.ts';
import { systemClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import { queueService } from '#local/queues/service.ts';
import type { CheckedBatch } from '#shared/telemetry/batch.ts';
import { IntakeService } from '#shared/telemetry/intake-service.ts';
import type { TelemetryRepository } from '#shared/telemetry/telemetry-repository.ts';
import { aVehicleId } from '../../contract/samples.ts';
import { type LocalQueues, localQueues } from '../../local/queues/local-queues.ts';

const vehicleId = aVehicleId();
const receivedAt = Date.parse('2026-11-21T08:30:00Z');
const kept: CheckedBatch[] = [];
const telemetry: TelemetryRepository = {
  addToHistory: async (_, batch) => void kept.push(batch),
  async *history() {},
  loadLast: async () => ({ readings: new Map(), version: 0, erased: [] }),
  saveLast: async () => true,
};

let local: LocalQueues;
let gateway: Gateway;
let sqs: SQSClient;
let QueueUrl: string;
let intake: IntakeService;

beforeAll(async () => {
  local = localQueues({ endpoint: () => gateway.endpoint });
  gateway = new Gateway({ port: 0, access: local.iam, clock: systemClock, faults: noFaults, log: () => {} });
  gateway.add(queueService(local.queues));
  await gateway.listen();
  QueueUrl = (await local.create('AWS::SQS::Queue', 'quarantine', { MaximumMessageSize: 256 * 1024 })).ref;
  const credentials = local.iam.administratorKey;
  sqs = new SQSClient({ region: 'eu-central-1', endpoint: gateway.endpoint, credentials });
  intake = new IntakeService({
    telemetry,
    quarantine: new SqsQuarantine(sqs, QueueUrl),
    keptFor: 1e9,
    clock: { now: () => Date.now() },
  });
});
afterAll(async () => {
  sqs.destroy();
  await gateway.close();
  local.close();
});

/** Takes one message in; gives what stands in quarantine afterwards. */
async function takenIn(payload: string): Promise<unknown> {
  const failed = await intake.takeIn(vehicleId, [{ vehicleId, receivedAt, payload: Buffer.from(payload) }]);
  expect([...failed.values()]).toEqual([]);
  const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  return JSON.parse(message?.Body ?? 'null');
}

const report = (signals: string) =>
  `{"sequence":1,"start":${receivedAt},"signals":{"Vehicle.Speed":[[0,50]],${signals}}}`;
const many = Array.from({ length: 8000 }, (_, index) => `"${index.toString(36)}":0`).join(',');
const deep = `"Vehicle.Warp":[[0,${'['.repeat(20_000)}${']'.repeat(20_000)}]]`;
const long = Array.from({ length: 3 }, (_, index) => `"W${index}":["${'€'.repeat(6000)}"]`).join(',');

test.each([
  ['a great many unknown signals', report(many)],
  ['a value that is nested beyond measure', report(deep)],
  ['long words', report(long)],
  ['characters that a queue does not take', report('"Vehicle.\uffff":[[0,"\ufffe"]],"\\ud83d":[]')],
])('%s fit into quarantine, and what is good beside them is kept', async (_, payload) => {
  kept.length = 0;
  expect(await takenIn(payload)).toMatchObject({ vehicleId, sequence: 1 });
  expect(kept).toMatchObject([{ readings: [{ path: 'Vehicle.Speed', value: 50 }] }]);
});

test('a message with a member that nobody knows is kept whole, whatever the member is called', async () => {
  const entry = await takenIn(`{"sequence":1,"start":1,"signals":{},"\uffff":1}`);
  expect(entry).toMatchObject({ reason: 'the member \uffff is not known' });
});
