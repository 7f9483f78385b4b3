import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { DescribeThingCommand, IoTClient } from '@aws-sdk/client-iot';
import { GetRetainedMessageCommand, IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '#local/aws-error.ts';
import { systemClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import type { AwsRequest, AwsService } from '#local/gateway/service.ts';
import { stsService } from '#local/gateway/sts.ts';
import { State } from '#local/state/collection.ts';
import { WebIdentityTokens } from '#local/sts/web-identity-tokens.ts';
import { administrator, callers, newGateway, tester } from './callers.ts';
import { signedPost } from './signed-post.ts';

const region = 'eu-central-1';

/** Answers every call with an empty object and remembers what it saw. */
function echo(names: readonly string[], seen: AwsRequest[]): AwsService {
  return {
    names,
    understand(request) {
      seen.push(request);
      const name = request.headers['x-amz-target']?.split('.')[1] ?? 'Rest';
      return {
        name,
        permissions: [{ action: `${request.service}:${name}`, resource: '*' }],
        run: () => ({ status: 200, body: {} }),
      };
    },
  };
}

describe('the gateway', () => {
  let gateway: Gateway;
  let endpoint: string;
  let seen: AwsRequest[];

  beforeEach(async () => {
    seen = [];
    gateway = newGateway(callers(['dynamodb:ListTables *']));
    gateway.add(echo(['dynamodb', 'sqs', 'events', 'iot', 'iotdata'], seen));
    await gateway.listen();
    endpoint = gateway.endpoint;
  });

  afterEach(() => gateway.close());

  test('accepts the signatures of real SDK clients, greedy topics and odd thing names included', async () => {
    const options = { region, endpoint, credentials: administrator };
    await new DynamoDBClient(options).send(new ListTablesCommand({}));
    await new SQSClient(options).send(new ListQueuesCommand({}));
    await new EventBridgeClient(options).send(new ListRulesCommand({}));
    await new IoTClient(options).send(new DescribeThingCommand({ thingName: 'veh:a b-ü' }));
    const data = new IoTDataPlaneClient(options);
    await data.send(new PublishCommand({ topic: 'vehicles/a b/+~ü*(1)!', qos: 1, payload: new Uint8Array([0, 255]) }));
    await data.send(new GetRetainedMessageCommand({ topic: '$aws/things/x' }));
    expect(seen.map(({ service }) => service)).toEqual(['dynamodb', 'sqs', 'events', 'iot', 'iotdata', 'iotdata']);
    expect(seen.every(({ principal }) => principal.kind === 'administrator')).toBe(true);
  });

  test('refuses a wrong secret and an unknown key', async () => {
    const options = { region, endpoint, maxAttempts: 1 };
    const wrong = new DynamoDBClient({ ...options, credentials: { ...administrator, secretAccessKey: 'guess' } });
    await expect(wrong.send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    });
    const unknown = new DynamoDBClient({ ...options, credentials: { ...administrator, accessKeyId: 'NOBODY' } });
    await expect(unknown.send(new ListTablesCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    expect(seen).toEqual([]);
  });

  test('lets a role do what it may and nothing else', async () => {
    const options = { region, endpoint, credentials: tester, maxAttempts: 1 };
    await new DynamoDBClient(options).send(new ListTablesCommand({}));
    await expect(new SQSClient(options).send(new ListQueuesCommand({}))).rejects.toThrow(/may not sqs:ListQueues/);
  });

  test('names a service that the local cloud has not', async () => {
    const response = await fetch(endpoint);
    expect(response.status).toBe(403);
    const bare = newGateway();
    await bare.listen();
    const client = new SQSClient({ region, endpoint: bare.endpoint, credentials: administrator, maxAttempts: 1 });
    await expect(client.send(new ListQueuesCommand({}))).rejects.toThrow(/no service "sqs"/);
    await bare.close();
  });

  test('refuses a body above 10 MB', async () => {
    const response = await fetch(endpoint, { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect(response.status).toBe(413);
  });

  test('tells an operator who they are', async () => {
    const sts = newGateway();
    const accountId = '000000000000';
    const directory = mkdtempSync(join(tmpdir(), 'fleetloom-sts-'));
    const state = new State(directory);
    const tokens = new WebIdentityTokens({ accountId, region, state, clock: systemClock });
    sts.add(stsService({ accountId, tokens, tagsOf: () => ({}) }));
    await sts.listen();
    const form = 'Action=GetCallerIdentity&Version=2011-06-15';
    const answer = await (await signedPost(sts.endpoint, 'sts', form, administrator)).text();
    expect(answer).toContain('<Arn>arn:aws:iam::000000000000:user/operator</Arn>');
    const refused = await signedPost(sts.endpoint, 'sts', 'Action=AssumeRole', administrator);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('<Code>InvalidAction</Code>');
    await sts.close();
    state.close();
    rmSync(directory, { recursive: true });
  });
});

test('refuses a signature for another region, where AWS would have answered from another place', async () => {
  const gateway = new Gateway({ port: 0, region: 'eu-west-1', access: callers([]), faults: noFaults, log: () => {} });
  gateway.add(echo(['dynamodb'], []));
  await gateway.listen();
  const client = new DynamoDBClient({ region, endpoint: gateway.endpoint, maxAttempts: 1, credentials: administrator });
  await expect(client.send(new ListTablesCommand({}))).rejects.toThrow('scoped to a valid region: eu-west-1');
  await gateway.close();
});

test('a fault at the door is what the caller sees', async () => {
  let duplicated = 0;
  const error = new AwsError('ThrottlingException', 400, 'slow down');
  const gateway = new Gateway({
    port: 0,
    access: callers([]),
    log: () => {},
    faults: {
      at: (hop, label) => {
        if (hop !== 'http') return noFaults.at(hop, label);
        return label === 'sqs:ListQueues' ? { kind: 'fail', error } : { kind: 'duplicate' };
      },
    },
  });
  gateway.add({
    names: ['dynamodb', 'sqs'],
    understand: (request) => ({
      name: request.headers['x-amz-target']?.split('.')[1] ?? '',
      permissions: [],
      run: () => {
        duplicated++;
        return { status: 200, body: {} };
      },
    }),
  });
  await gateway.listen();
  const options = { region, endpoint: gateway.endpoint, credentials: administrator, maxAttempts: 1 };
  await expect(new SQSClient(options).send(new ListQueuesCommand({}))).rejects.toThrow('slow down');
  await new DynamoDBClient(options).send(new ListTablesCommand({}));
  expect(duplicated).toBe(2);
  await gateway.close();
});
