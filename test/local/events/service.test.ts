import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '#local/aws-error.ts';
import { EventBuses } from '#local/events/event-bus.ts';
import { eventResources } from '#local/events/resources.ts';
import { eventsService } from '#local/events/service.ts';
import { noFaults } from '#local/faults/faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import type { LambdaInvoker } from '#local/lambda/invoker.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { place, scope } from '../dynamo/local-tables.ts';
import { eventually } from '../queues/local-event-sources.ts';
import { type LocalQueues, localQueues } from '../queues/local-queues.ts';

const queueArn = 'arn:aws:sqs:eu-central-1:000000000000:heard';
const functionArn = 'arn:aws:lambda:eu-central-1:000000000000:function:listener';
const ruleArn = 'arn:aws:events:eu-central-1:000000000000:rule/fleet/suspended';

describe('EventBridge behind the gateway', () => {
  let clock: ManualClock;
  let local: LocalQueues;
  let buses: EventBuses;
  let gateway: Gateway;
  let client: EventBridgeClient;
  let invoked: unknown[];
  let log: string[];
  let refusal: AwsError | undefined;

  beforeEach(async () => {
    clock = new ManualClock();
    local = localQueues({ clock });
    invoked = [];
    log = [];
    refusal = undefined;
    buses = newBuses();
    gateway = new Gateway({ port: 0, access: local.iam, faults: noFaults, log: () => {} });
    gateway.add(eventsService(buses, noFaults));
    await gateway.listen();
    client = new EventBridgeClient({
      region: 'eu-central-1',
      endpoint: gateway.endpoint,
      credentials: local.iam.administratorKey,
      maxAttempts: 1,
    });
    await local.create('AWS::SQS::Queue', 'heard', {});
    await create('AWS::Events::EventBus', 'Bus', { Name: 'fleet' });
  });

  afterEach(async () => {
    buses.stop();
    await gateway.close();
    local.close();
  });

  const newBuses = () => {
    const invoker: LambdaInvoker = {
      invoke: () => Promise.reject(new Error('EventBridge does not wait for functions.')),
      async invokeLater(arn, event, source) {
        if (refusal !== undefined) throw refusal;
        invoked.push({ arn, event, source });
      },
    };
    return new EventBuses({
      ...place,
      state: local.state,
      clock,
      faults: noFaults,
      queues: local.queues,
      invoker,
      log: (line) => log.push(line),
    });
  };
  async function create(type: string, name: string, properties: Readonly<Record<string, unknown>>) {
    const found = eventResources(buses).find((candidate) => candidate.type === type);
    return found?.create(properties, scope(name));
  }
  const rule = (properties: Readonly<Record<string, unknown>>) =>
    create('AWS::Events::Rule', 'suspended', { EventBusName: 'fleet', ...properties });
  const admitRule = () =>
    local.create('AWS::SQS::QueuePolicy', 'policy', {
      Queues: [local.queues.url('heard')],
      PolicyDocument: {
        Statement: {
          Effect: 'Allow',
          Action: 'sqs:SendMessage',
          Resource: queueArn,
          Principal: { Service: 'events.amazonaws.com' },
          Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
        },
      },
    });
  const suspended = {
    EventBusName: 'fleet',
    Source: 'fleetloom.registry',
    DetailType: 'VehicleSuspended',
    Detail: '{"vehicleId":"veh-a"}',
  };
  const heard = async () =>
    (await local.queues.find('heard').receive(10, 30, 0)).map(({ message }) => JSON.parse(message.body));

  test('brings an event to the targets of the rules that want it', async () => {
    await admitRule();
    await rule({
      EventPattern: { 'detail-type': ['VehicleSuspended'] },
      Targets: [
        { Id: 'queue', Arn: queueArn },
        { Id: 'function', Arn: functionArn, InputPath: '$.detail.vehicleId' },
      ],
    });
    const { Entries = [], FailedEntryCount } = await client.send(
      new PutEventsCommand({ Entries: [suspended, { ...suspended, DetailType: 'VehicleRetired' }] }),
    );
    expect(FailedEntryCount).toBe(0);
    const event = {
      version: '0',
      id: Entries[0]?.EventId,
      source: 'fleetloom.registry',
      'detail-type': 'VehicleSuspended',
      account: '000000000000',
      region: 'eu-central-1',
      time: '2026-01-01T00:00:00Z',
      resources: [],
      detail: { vehicleId: 'veh-a' },
    };
    await eventually(async () => expect(await heard()).toEqual([event]));
    expect(invoked).toEqual([
      {
        arn: functionArn,
        event: 'veh-a',
        source: { kind: 'service', principal: 'events.amazonaws.com', sourceArn: ruleArn },
      },
    ]);
    expect(buses.recent('fleet').map((each) => each['detail-type'])).toEqual(['VehicleSuspended', 'VehicleRetired']);
  });

  test('reports each entry that it does not take', async () => {
    const { Source: _, ...sourceless } = suspended;
    const { Entries = [], FailedEntryCount } = await client.send(
      new PutEventsCommand({
        Entries: [
          suspended,
          sourceless,
          { ...suspended, Detail: 'text' },
          { ...suspended, Source: 'aws.iot' },
          { ...suspended, EventBusName: 'missing' },
        ],
      }),
    );
    expect(FailedEntryCount).toBe(4);
    expect(Entries.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'InvalidArgument',
      'MalformedDetail',
      'NotAuthorizedForSourceException',
      'ResourceNotFoundException',
    ]);
    await expect(client.send(new ListRulesCommand({}))).rejects.toThrow(/ListRules/);
  });

  test('reaches no queue whose policy does not admit the rule', async () => {
    await rule({ EventPattern: { source: ['fleetloom.registry'] }, Targets: [{ Id: 'queue', Arn: queueArn }] });
    await client.send(new PutEventsCommand({ Entries: [suspended] }));
    await eventually(() =>
      expect(log.join()).toMatch(/events.amazonaws.com is not authorized to perform: sqs:SendMessage/),
    );
    expect(await heard()).toEqual([]);
  });

  test('lays an event that a target refuses for good into the dead-letter queue, with the reason', async () => {
    await admitRule();
    refusal = new AwsError('AccessDeniedException', 403, 'no permission');
    await rule({
      EventPattern: { source: ['fleetloom.registry'] },
      Targets: [{ Id: 'function', Arn: functionArn, DeadLetterConfig: { Arn: queueArn } }],
    });
    await client.send(new PutEventsCommand({ Entries: [suspended] }));
    const dead: unknown[] = [];
    await eventually(async () => {
      dead.push(...(await local.queues.find('heard').receive(10, 30, 0)));
      expect(dead).toMatchObject([
        { message: { attributes: { ERROR_CODE: { StringValue: 'AccessDeniedException' } } } },
      ]);
    });
  });

  test.each([
    ['busy', 'ServiceException', 500],
    ['asked too often', 'ThrottlingException', 400],
  ])('tries again when a target was %s', async (_, name, status) => {
    refusal = new AwsError(name, status, 'Not now.');
    await rule({
      EventPattern: { source: ['fleetloom.registry'] },
      Targets: [{ Id: 'function', Arn: functionArn }],
    });
    await client.send(new PutEventsCommand({ Entries: [suspended] }));
    refusal = undefined;
    await eventually(() => {
      clock.advance(1000);
      expect(invoked).toHaveLength(1);
    });
  });

  test('fires a schedule by the local clock', async () => {
    await rule({
      EventBusName: 'default',
      ScheduleExpression: 'cron(0 6 * * ? *)',
      Targets: [{ Id: 'function', Arn: functionArn }],
    });
    buses.start();
    clock.advance(30 * 86_400_000);
    await eventually(() => expect(invoked).toHaveLength(30));
    expect(invoked[0]).toMatchObject({
      event: { source: 'aws.events', 'detail-type': 'Scheduled Event', time: '2026-01-01T06:00:00Z', detail: {} },
    });
  });

  test('fires a schedule again soon after the clock was set back from a future in which it had fired', async () => {
    await rule({
      EventBusName: 'default',
      ScheduleExpression: 'cron(0 6 * * ? *)',
      Targets: [{ Id: 'function', Arn: functionArn }],
    });
    buses.start();
    const day = 86_400_000;
    clock.advance(30 * day);
    await eventually(() => expect(invoked).toHaveLength(30));
    clock.setBack(30 * day);
    clock.advance(2 * day);
    await eventually(() => expect(invoked.length).toBeGreaterThan(30));
    expect(invoked.at(-1)).toMatchObject({ event: { time: '2026-01-02T06:00:00Z' } });
  });

  test.each([
    [{ Targets: [{ Id: 'x', Arn: 'arn:aws:sns:eu-central-1:000000000000:t' }] }, /SQS and Lambda/],
    [{ Targets: [{ Id: 'x', Arn: queueArn, InputTransformer: {} }] }, /InputTransformer/],
    [{ EventBusName: 'missing', EventPattern: { source: ['a'] } }, /"missing"/],
    [{}, /neither/],
  ])('a rule with %j stops the start', async (properties, error) => {
    await expect(rule(properties)).rejects.toThrow(error);
  });

  test('a rule on the default bus hears of objects by their prefix', async () => {
    await create('AWS::Events::Rule', 'uploads', {
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: ['transfers'] }, object: { key: [{ prefix: 'imports/' }] } },
      },
      Targets: [{ Id: 'function', Arn: functionArn }],
    });
    for (const key of ['imports/1.csv', 'exports/1.csv']) {
      const detail = { bucket: { name: 'transfers' }, object: { key } };
      buses.put('default', { source: 'aws.s3', detailType: 'Object Created', detail });
    }
    await eventually(() => expect(invoked).toHaveLength(1));
    expect(invoked).toMatchObject([{ event: { detail: { object: { key: 'imports/1.csv' } } } }]);
  });

  test('an event that was taken reaches its target after the process is gone', async () => {
    const targets = {
      Targets: [{ Id: 'function', Arn: functionArn }],
      EventPattern: { source: ['fleetloom.registry'] },
    };
    await rule(targets);
    refusal = new AwsError('ServiceException', 500, 'The function is not there yet.');
    const detail = { vehicleId: 'veh-a' };
    buses.put('fleet', { source: 'fleetloom.registry', detailType: 'VehicleSuspended', detail });
    await eventually(() => expect(log).toHaveLength(1));
    buses.stop();

    refusal = undefined;
    buses = newBuses();
    await create('AWS::Events::EventBus', 'Bus', { Name: 'fleet' });
    await rule(targets);
    buses.start();
    await eventually(() => expect(invoked).toMatchObject([{ arn: functionArn, event: { detail } }]));
    expect(local.state.collection('events/deliveries').size).toBe(0);
  });
});
