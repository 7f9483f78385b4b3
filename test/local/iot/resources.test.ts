import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deviceCloudNames } from '#cdk/names.ts';
import { provisioningBody } from '#cdk/parts/provisioning-body.ts';
import { systemClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { Iam } from '#local/iam/iam.ts';
import { ProvisioningTemplates } from '#local/iot/provisioning/provisioning-templates.ts';
import { iotArns } from '#local/iot/registry/arns.ts';
import { Registry } from '#local/iot/registry/registry.ts';
import { iotResourceTypes } from '#local/iot/resources.ts';
import { RulesEngine } from '#local/iot/rules/rules-engine.ts';
import { State } from '#local/state/collection.ts';
import type { Provisioned } from '#local/template/resource-type.ts';
import { ruleNames, ruleTopicFilters } from '#shared/vehicle-cloud/topics.ts';

const accountId = '000000000000';
const region = 'eu-central-1';
const arns = iotArns(region, accountId);
const trusted = `arn:aws:iam::${accountId}:role/trusted`;
const distrusted = `arn:aws:iam::${accountId}:role/distrusted`;

let directory: string;
let state: State;
let registry: Registry;
let rules: RulesEngine;
let templates: ProvisioningTemplates;
let create: (type: string, properties: Record<string, unknown>) => Provisioned | Promise<Provisioned>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'iot-resources-'));
  start();
});

afterEach(() => {
  state.close();
  rmSync(directory, { recursive: true });
});

function start(): void {
  state = new State(directory);
  registry = new Registry({ state, arns });
  templates = new ProvisioningTemplates();
  const iam = new Iam({ accountId, state, clock: systemClock });
  for (const [arn, Service] of [
    [trusted, 'iot.amazonaws.com'],
    [distrusted, 'lambda.amazonaws.com'],
  ] as const) {
    const allow = { Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' };
    const trustPolicy = { Version: '2012-10-17', Statement: [allow] };
    iam.putRole({ roleName: arn.slice(arn.lastIndexOf('/') + 1), arn, trustPolicy, tags: {} });
  }
  const nothing = () => Promise.reject(new Error('Nothing is delivered here.'));
  rules = new RulesEngine({
    arns,
    clock: systemClock,
    faults: noFaults,
    log: () => {},
    lambda: { invoke: nothing, invokeLater: nothing },
    queues: { send: nothing },
    broker: { submit: nothing },
    roles: iam,
  });
  const types = iotResourceTypes({ registry, templates, rules, roles: iam, clock: systemClock });
  create = (type, properties) => {
    const handler = types.find((each) => each.type === `AWS::IoT::${type}`);
    if (handler === undefined) throw new Error(`${type} is not handled`);
    return handler.create(properties, {
      region,
      accountId,
      stackName: 'Fleetloom-dev-Platform',
      logicalId: 'Here',
      physicalName: 'Fleetloom-dev-Platform-Here-1A2B3C',
      assemblyDirectory: directory,
      metadata: {},
    });
  };
}

function restart(): void {
  state.close();
  start();
}

const policyOf = (topic: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iot:Publish', Resource: arns.topic(topic) }],
});

test('a policy that changed between two starts gets a new default version, an unchanged one none', async () => {
  const made = await create('Policy', { PolicyName: 'p', PolicyDocument: policyOf('a') });
  expect(made).toEqual({ ref: 'p', attributes: { Arn: arns.policy('p'), Id: 'p' } });
  restart();
  await create('Policy', { PolicyName: 'p', PolicyDocument: policyOf('a') });
  expect(registry.policies.get('p').versions).toHaveLength(1);
  for (const topic of ['b', 'c', 'd', 'e', 'f', 'g']) {
    restart();
    await create('Policy', { PolicyName: 'p', PolicyDocument: policyOf(topic) });
  }
  expect(registry.policies.get('p')).toMatchObject({ defaultVersionId: '7', lastVersion: 7 });
  expect(registry.policies.document('p')).toBe(JSON.stringify(policyOf('g')));
  expect(registry.policies.get('p').versions).toHaveLength(5);
});

test('thing types and groups are made once, and their descriptions follow the template', async () => {
  const type = (text: string) => ({ ThingTypeName: 't', ThingTypeProperties: { ThingTypeDescription: text } });
  const group = (text: string) => ({ ThingGroupName: 'g', ThingGroupProperties: { ThingGroupDescription: text } });
  const first = [await create('ThingType', type('one')), await create('ThingGroup', group('one'))];
  restart();
  expect([await create('ThingType', type('two')), await create('ThingGroup', group('two'))]).toEqual(first);
  expect(registry.thingTypes.get('t').description).toBe('two');
  expect(registry.thingGroups.get('g').description).toBe('two');
});

test("the platform's own provisioning template is understood", async () => {
  const names = deviceCloudNames('dev');
  const made = await create('ProvisioningTemplate', {
    TemplateName: names.provisioningTemplate,
    TemplateType: 'FLEET_PROVISIONING',
    Enabled: true,
    ProvisioningRoleArn: trusted,
    PreProvisioningHook: {
      TargetArn: 'arn:aws:lambda:eu-central-1:000000000000:function:f',
      PayloadVersion: '2020-04-01',
    },
    TemplateBody: provisioningBody(names, ruleNames('dev')),
  });
  expect(made.ref).toBe(names.provisioningTemplate);
  const template = templates.find(names.provisioningTemplate);
  const plan = template?.compiled.plan({ Vin: 'W0L00000000000001', VehicleId: 'veh-1', Brand: 'opel' }, 'c1');
  expect(plan).toMatchObject({
    thing: {
      thingName: 'veh-1',
      attributes: { brand: 'opel' },
      groups: [names.allVehicles, `${names.brandPrefix}opel`],
    },
    deviceConfiguration: { commandTopic: 'vehicles/veh-1/commands' },
  });
});

const sqs = (RoleArn: string) => ({
  Sqs: { QueueUrl: 'http://127.0.0.1:1/000000000000/q', RoleArn, UseBase64: false },
});
const rule = (payload: object) => ({
  RuleName: 'r',
  TopicRulePayload: {
    Sql: `SELECT encode(*, 'base64') AS payload, topic(2) AS vehicleId FROM '${ruleTopicFilters.telemetry}'`,
    AwsIotSqlVersion: '2016-03-23',
    Actions: [sqs(trusted)],
    ErrorAction: sqs(trusted),
    ...payload,
  },
});

test('a topic rule is made with its actions', async () => {
  expect(await create('TopicRule', rule({}))).toEqual({ ref: 'r', attributes: { Arn: arns.rule('r') } });
  expect(rules.list()).toMatchObject([{ ruleName: 'r', topicPattern: ruleTopicFilters.telemetry, disabled: false }]);
});

test.each([
  ['an unknown property', 'ThingType', { ThingTypeName: 't', Colour: 'red' }],
  ['a dynamic group', 'ThingGroup', { ThingGroupName: 'g', QueryString: 'attributes.a:1' }],
  ['a policy that nobody understands', 'Policy', { PolicyName: 'p', PolicyDocument: { Statement: [{}] } }],
  ['another SQL version', 'TopicRule', rule({ AwsIotSqlVersion: '2015-10-08' })],
  ['SQL that is not understood', 'TopicRule', rule({ Sql: 'SELECT machinelearning_predict(a) FROM "b"' })],
  ['an action that the local cloud does not have', 'TopicRule', rule({ Actions: [{ S3: { BucketName: 'b' } }] })],
  ['a role that does not trust AWS IoT', 'TopicRule', rule({ ErrorAction: sqs(distrusted) })],
  [
    'a template body that is not understood',
    'ProvisioningTemplate',
    { ProvisioningRoleArn: trusted, TemplateBody: '{"Resources":{}}' },
  ],
])('%s stops the start', (_what, type, properties) => {
  expect(() => create(type, properties)).toThrow();
});
