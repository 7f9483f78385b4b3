import { App } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fleetloom } from '#cdk/fleetloom.ts';
import { judgeByAwsSolutions } from '#cdk/nag.ts';
import { localHome } from '#local/azure/local-home.ts';
import { roads } from '#shared/vehicle-cloud/posted-event.ts';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { deployed, emptyFunctions, ofType, type Statement, statementsOf, textOf } from './stacks.ts';

const alone = deployed();
const resources = deployed({ homes: [localHome] });

const ruleSchema = z.object({
  Sql: z.string(),
  Actions: z.tuple([
    z.object({
      Lambda: z.object({ FunctionArn: z.unknown() }).optional(),
      Sqs: z.object({ QueueUrl: z.unknown() }).optional(),
    }),
  ]),
});

const functionSchema = z.object({
  FunctionName: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  Timeout: z.number(),
  ReservedConcurrentExecutions: z.undefined().optional(),
});

function environmentOf(name: string, stacks = resources): Readonly<Record<string, unknown>> {
  const all = ofType(stacks, 'AWS::Lambda::Function').map(({ Properties }) => functionSchema.parse(Properties));
  const found = all.find(({ FunctionName }) => FunctionName === `fleetloom-dev-${name}`);
  if (found === undefined) throw new Error(`There is no ${name}`);
  return found.Environment.Variables;
}

function actionsOf(role: string, stacks = resources) {
  return ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => ofType(stacks, type))
    .filter(({ id }) => id.startsWith(role))
    .flatMap(({ Properties }) => statementsOf(Properties['PolicyDocument']));
}

function holders(isHeld: (statement: Statement) => boolean): readonly string[] {
  const held = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => ofType(resources, type))
    .filter(({ Properties }) => statementsOf(Properties['PolicyDocument']).some(isHeld))
    .map(({ id }) => id.replace(/RoleDefaultPolicy\w+$/, '').replace(/RoleOverflowPolicy\w+$/, ''));
  return [...new Set(held)].sort();
}

describe('a stage with the first home alone', () => {
  test('has nothing of the others: no function, no queue, no setting, no action more', () => {
    const text = JSON.stringify(alone);
    for (const trace of [
      'hub-asked',
      'hub-told',
      'hub-orders',
      'HOMES',
      'HUB',
      'GetWebIdentityToken',
      'events-posted',
      'vehicle-moved',
      'VEHICLE_MOVES',
    ]) {
      expect(text).not.toContain(trace);
    }
    expect(statementsOfAll(alone)).not.toContain('lambda:InvokeFunction');
  });
});

function statementsOfAll(stacks: typeof resources): readonly string[] {
  return ofType(stacks, 'AWS::IAM::Policy').flatMap(({ Properties }) =>
    statementsOf(Properties['PolicyDocument']).flatMap(({ Action }) => Action),
  );
}

describe('a stage with another home', () => {
  test('lets the two that speak with hubs prove themselves to one audience, and do nothing else', () => {
    for (const role of ['HomesAskedRole', 'HomesToldRole']) {
      const statements = actionsOf(role);
      const actions = [...new Set(statements.flatMap(({ Action }) => Action))].filter(
        (action) => !/^(logs|xray):/.test(action),
      );
      const queue = ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage'];
      const reading = role === 'HomesToldRole' ? queue.map((one) => `sqs:${one}`) : ['sqs:SendMessage'];
      expect(actions.sort()).toEqual([...reading, 'sts:GetWebIdentityToken']);
      const proof = statements.find(({ Action }) => Action.includes('sts:GetWebIdentityToken'));
      expect(proof?.Condition).toEqual({
        'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': 'api://AzureADTokenExchange' },
        Null: { 'sts:IdentityTokenAudience': 'false' },
      });
    }
    expect(holders(({ Action }) => Action.includes('sts:GetWebIdentityToken'))).toEqual(['HomesAsked', 'HomesTold']);
  });

  test('tells the hubs where they are to those two alone', () => {
    const hubs = [{ name: 'vw-weu', hub: localHome.hub, tenantId: localHome.tenantId, clientId: localHome.clientId }];
    expect(JSON.parse(String(environmentOf('hub-asked')['HUBS']))).toEqual(hubs);
    expect(JSON.parse(String(environmentOf('hub-told')['HUBS']))).toEqual(hubs);
    expect(environmentOf('api')).not.toHaveProperty('HUBS');
  });

  test('lets the API, the erasure and moves ask, and nobody else wait for a hub', () => {
    const isOfHub = ({ Action, Resource = [] }: Statement) =>
      Action.includes('lambda:InvokeFunction') && Resource.map(textOf).some((arn) => arn.includes('HomesAsked'));
    expect(holders(isOfHub)).toEqual(['ApiFunction', 'ErasureDue', 'MovesMoved']);
  });

  test('gives who speaks with vehicles the queue of orders, and who registers them the brands', () => {
    const tellers = [
      ...['campaign-continued', 'claim-code-asked', 'director-asked', 'ownership-changed', 'presence-changed'],
      ...['sharing-due', 'sharing-reported', 'sharing-stated', 'update-changed', 'vehicle-changed'],
      'vehicle-moved',
    ];
    for (const name of tellers) expect(environmentOf(name), name).toHaveProperty('HUB_ORDERS_QUEUE_URL');
    for (const name of [...tellers, 'api', 'import-continued', 'erasure-due']) {
      expect(JSON.parse(String(environmentOf(name)['HOMES'])), name).toEqual([{ name: 'vw-weu', brands: ['audi'] }]);
    }
    expect(environmentOf('telemetry-received')).not.toHaveProperty('HOMES');
  });

  test('loses no order to a hub that throttles for an hour, and asks it no more than two at a time', () => {
    const queue = ofType(resources, 'AWS::SQS::Queue').find(
      ({ Properties }) => Properties['QueueName'] === 'fleetloom-dev-hub-orders',
    );
    const { maxReceiveCount } = z.object({ maxReceiveCount: z.number() }).parse(queue?.Properties['RedrivePolicy']);
    expect(maxReceiveCount * Number(queue?.Properties['VisibilityTimeout'])).toBeGreaterThanOrEqual(2 * 3600);
    const dead = ofType(resources, 'AWS::SQS::Queue').find(
      ({ Properties }) => Properties['QueueName'] === 'fleetloom-dev-hub-orders-dead',
    );
    const alarms = ofType(resources, 'AWS::CloudWatch::Alarm').map(({ Properties }) => JSON.stringify(Properties));
    expect(alarms.some((text) => text.includes(`["${dead?.id}","QueueName"]`))).toBe(true);
    const mapping = ofType(resources, 'AWS::Lambda::EventSourceMapping').find(({ id }) => id.startsWith('HomesOrders'));
    expect(mapping?.Properties['ScalingConfig']).toEqual({ MaximumConcurrency: 2 });
  });

  test('carries moves on by one queue, which whoever hears of a change and whoever moves may call', () => {
    const isOfMoves = ({ Action, Resource = [] }: Statement) =>
      Action.includes('sqs:SendMessage') && Resource.map(textOf).some((arn) => arn.includes('MovesCalls'));
    expect(holders(isOfMoves)).toEqual(['MovesMoved', 'PostedEventsPosted', 'RegistryChanged']);
    for (const name of ['events-posted', 'vehicle-changed', 'vehicle-moved']) {
      expect(environmentOf(name), name).toHaveProperty('VEHICLE_MOVES_QUEUE_URL');
    }
  });

  test('has a human called where a move fails for an hour, and long before it is given up', () => {
    const queue = ofType(resources, 'AWS::SQS::Queue').find(
      ({ Properties }) => Properties['QueueName'] === 'fleetloom-dev-vehicle-moves',
    );
    const { maxReceiveCount } = z.object({ maxReceiveCount: z.number() }).parse(queue?.Properties['RedrivePolicy']);
    const visible = Number(queue?.Properties['VisibilityTimeout']);
    expect(maxReceiveCount * visible).toBeGreaterThanOrEqual(24 * 3600);
    // What is older than this goes without a dead letter.
    expect(maxReceiveCount * visible).toBeLessThan(Number(queue?.Properties['MessageRetentionPeriod']));
    const alarms = ofType(resources, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties['MetricName']);
    expect(alarms).toContain('MovesStuck');
  });

  test('lets moves make and remove vehicles and certificates in AWS IoT, and write no policy', () => {
    const held = new Set(actionsOf('MovesMovedRole').flatMap(({ Action }) => Action));
    expect([...held].filter((action) => action.startsWith('iot:')).sort()).toEqual([
      ...['iot:AddThingToThingGroup', 'iot:AttachPolicy', 'iot:AttachThingPrincipal', 'iot:CreateThing'],
      ...['iot:DeleteCertificate', 'iot:DeleteConnection', 'iot:DeleteThing', 'iot:DeleteThingShadow'],
      ...['iot:DescribeCertificate', 'iot:DescribeEndpoint', 'iot:DescribeThing', 'iot:DetachThingPrincipal'],
      ...['iot:GetThingShadow', 'iot:ListNamedShadowsForThing', 'iot:ListThingPrincipals', 'iot:Publish'],
      ...['iot:RegisterCertificateWithoutCA', 'iot:UpdateCertificate', 'iot:UpdateThingShadow'],
    ]);
  });

  test('waits for a hub a little less long than its caller waits for the API', () => {
    const timeouts = Object.fromEntries(
      ofType(resources, 'AWS::Lambda::Function')
        .map(({ Properties }) => functionSchema.parse(Properties))
        .map(({ FunctionName, Timeout }) => [FunctionName, Timeout]),
    );
    expect(timeouts['fleetloom-dev-hub-asked']).toBeLessThan(timeouts['fleetloom-dev-api'] ?? 0);
  });

  test('hands what another home posts to whom the topic rules hand it, on every road', () => {
    const stop = z.union([z.object({ queue: z.string() }), z.object({ function: z.string() })]);
    const text = textOf(environmentOf('events-posted')['EVENT_ROADS']);
    const posted = z.record(z.string(), z.array(stop)).parse(JSON.parse(text));
    const ruled: Record<string, unknown[]> = {};
    for (const { Properties } of ofType(resources, 'AWS::IoT::TopicRule')) {
      const payload = ruleSchema.parse(Properties['TopicRulePayload']);
      const topic = /FROM '([^']+)'/.exec(payload.Sql)?.[1] ?? '';
      const road = topic.startsWith('$aws/') ? 'presence' : (topic.split('/').at(-1) ?? '');
      const [{ Lambda, Sqs }] = payload.Actions;
      const target =
        Lambda === undefined
          ? { queue: textOf(Sqs?.QueueUrl) }
          : { function: textOf(Lambda.FunctionArn).replace('.Arn', '') };
      ruled[road] = [...(ruled[road] ?? []), target];
    }
    expect(posted).toEqual(ruled);
    expect(Object.keys(posted).sort()).toEqual([...roads].sort());
  });

  test('lets whoever takes posts do what that needs, function by function and queue by queue', () => {
    const statements = actionsOf('PostedEventsPostedRole').filter(
      ({ Action }) => !Action.some((action) => /^(logs|xray):/.test(action)),
    );
    expect([...new Set(statements.flatMap(({ Action }) => Action))].sort()).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'lambda:InvokeFunction',
      'sqs:SendMessage',
    ]);
    const touched = statements.flatMap(({ Resource = [] }) => Resource.map(textOf));
    for (const resource of touched) expect(resource).not.toContain('*');
    expect(touched.filter((resource) => resource.includes('Homes'))).toEqual([]);
  });

  test('opens two routes to posts alone, which need no token because they are signed', () => {
    const open = ofType(resources, 'AWS::ApiGatewayV2::Route')
      .filter(({ Properties }) => Properties['AuthorizationType'] !== 'JWT')
      .map(({ Properties }) => Properties['RouteKey']);
    expect(open.sort()).toEqual([
      ...['GET /docs', 'GET /openapi.json'],
      ...['POST /v1/device-admissions/{home}', 'POST /v1/device-events/{home}'],
    ]);
  });

  test.each([
    ['events-posted', 'PostsRefused'],
    ['events-posted', 'PostsFailed'],
  ])('rings at what %s counts as %s', (service, metric) => {
    const alarm = ofType(resources, 'AWS::CloudWatch::Alarm').find(
      ({ Properties }) => Properties['MetricName'] === metric,
    );
    expect(alarm?.Properties).toMatchObject({ Dimensions: [{ Name: 'service', Value: service }] });
  });

  test('has nothing that cdk-nag or the template validation finds', () => {
    const app = new App({ analyticsReporting: false, context: { ...cdkJson.context, homes: [localHome] } });
    fleetloom(app, emptyFunctions());
    judgeByAwsSolutions(app);
    expect(() => app.synth()).not.toThrow();
  }, 60_000);
});
