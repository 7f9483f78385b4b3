import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { AwsEventRoads } from '#functions/adapters/homes/event-roads.ts';
import { presenceEventIn } from '#functions/presence-event.ts';
import { ruleMessage } from '#functions/rule-message.ts';
import { homeName } from '#shared/registry/home.ts';
import type { DeviceChannel } from '#shared/vehicle-cloud/device-post.ts';
import type { Road } from '#shared/vehicle-cloud/posted-event.ts';
import type { Handed } from '#shared/vehicle-cloud/posted-event-service.ts';
import { aVehicleId } from '../../contract/samples.ts';

const home = homeName('vw-weu');
const vehicleId = aVehicleId();

interface Asked {
  readonly operation: string;
  readonly body: unknown;
}

/** An AWS that answers as it is told to; what asks it are the real clients. */
let server: Server;
let asked: Asked[];
let answer: (operation: string) => { readonly status: number; readonly body: object };

const entries = z.object({ QueueUrl: z.string(), Entries: z.array(z.object({ MessageBody: z.string() })) });

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const target = String(request.headers['x-amz-target'] ?? '');
    const name = /functions\/([^/]+)\//.exec(request.url ?? '')?.[1];
    const operation =
      name === undefined ? (target.split('.')[1] ?? '') : `${request.headers['x-amz-invocation-type']} ${name}`;
    asked.push({ operation, body: JSON.parse(await text(request)) });
    const { status, body } = answer(operation);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
  answer = (operation) =>
    operation.startsWith('Event') ? { status: 202, body: {} } : { status: 200, body: { Successful: [], Failed: [] } };
});

function roads(): AwsEventRoads {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
  const place = { region: 'eu-central-1', endpoint, credentials, maxAttempts: 1 };
  const queue = (name: string) => ({ queue: `${endpoint}/000000000000/${name}` });
  const stops = {
    ...{ telemetry: [queue('telemetry')], updates: [queue('updates')], sharing: [queue('sharing')] },
    ...{ inventory: [{ function: 'inventory' }], replies: [{ function: 'replies' }], codes: [{ function: 'codes' }] },
    presence: [{ function: 'presence-changed' }, { function: 'sharing-presence' }],
  };
  return new AwsEventRoads(new SQSClient({ ...place, md5: false }), new LambdaClient(place), JSON.stringify(stops));
}

function handed(road: Road & DeviceChannel, sequence: number, payload: string = btoa(`{"n":${sequence}}`)): Handed {
  return { road, home, event: { vehicleId, epoch: 2, channel: road, source: '0', sequence, at: 1000, payload } };
}

test('reports reach their queues in tens, in the form in which a topic rule leaves them there', async () => {
  await roads().hand([
    ...Array.from({ length: 23 }, (_, sequence) => handed('telemetry', sequence)),
    handed('updates', 1),
  ]);
  const batches = asked.map(({ body }) => entries.parse(body));
  expect(asked.map(({ operation }) => operation)).toEqual(Array(4).fill('SendMessageBatch'));
  const sizes = batches.map(({ QueueUrl, Entries }) => [QueueUrl.split('/').at(-1), Entries.length]);
  expect(sizes.sort()).toEqual([
    ['telemetry', 10],
    ['telemetry', 10],
    ['telemetry', 3],
    ['updates', 1],
  ]);
  const messages = batches.flatMap(({ Entries }) =>
    Entries.map(({ MessageBody }) => ruleMessage(JSON.parse(MessageBody))),
  );
  expect(messages).toHaveLength(24);
  for (const message of messages) expect(message).toMatchObject({ vehicleId, receivedAt: 1000 });
});

test('a line’s coming reaches both that listen, as they read it, and nobody waits for them', async () => {
  const sequence = '0'.repeat(63).concat('A');
  await roads().hand([handed('presence', 1, btoa(JSON.stringify({ state: 'connected', sequence })))]);
  expect(asked.map(({ operation }) => operation).sort()).toEqual(['Event presence-changed', 'Event sharing-presence']);
  for (const { body } of asked) {
    expect(presenceEventIn(body)).toEqual({
      ...{ vehicleId, kind: 'connected', at: 1000, sequence },
      home: { name: home, epoch: 2 },
    });
  }
});

test.each([
  [
    'a queue takes a part of them',
    'SendMessageBatch',
    { status: 200, body: { Successful: [], Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }] } },
  ],
  ['a queue is throttled', 'SendMessageBatch', { status: 400, body: { __type: 'RequestThrottled' } }],
  ['a function is throttled', 'Event replies', { status: 429, body: { Reason: 'CallerRateLimitExceeded' } }],
])('where %s, all others go on, and the post comes again after a while', async (_, operation, failing) => {
  const usual = answer;
  answer = (name) => (name === operation ? failing : usual(name));
  const events = [handed('telemetry', 1), handed('replies', 2), handed('inventory', 3)];
  await expect(roads().hand(events)).rejects.toMatchObject({ kind: 'unavailable', code: 'overloaded', retryAfter: 1 });
  expect(asked).toHaveLength(3);
});

test('a road that leads nowhere loses nothing', async () => {
  const nowhere = new AwsEventRoads(
    new SQSClient({}),
    new LambdaClient({}),
    JSON.stringify({
      ...{ telemetry: [], updates: [], sharing: [], inventory: [], replies: [], codes: [], presence: [] },
    }),
  );
  await expect(nowhere.hand([handed('telemetry', 1)])).rejects.toThrow('No function hears telemetry');
});
