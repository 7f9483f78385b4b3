import { expect, test } from 'vitest';
import { z } from 'zod';
import { deployed, ofType, statementsOf, textOf } from './stacks.ts';

/** By their names, as they are in the region; the stage is as long as one may be. */
function policiesIn(region: string) {
  return new Map(
    ofType(deployed({ stage: 'abcdefghijkl', region }), 'AWS::IoT::Policy').map(({ Properties }) => [
      z.string().parse(Properties['PolicyName']).replace('fleetloom-abcdefghijkl-', ''),
      statementsOf(Properties['PolicyDocument']).map(({ Effect, Action, Resource = [], Condition }) => ({
        Effect,
        Action,
        Resource: Resource.map(textOf),
        ...(Condition === undefined ? {} : { Condition }),
      })),
    ]),
  );
}

const policies = policiesIn('ap-southeast-2');

/** What an action is allowed on, without the ARN's beginning. */
function allowed(policy: string, action: string): readonly string[] {
  const statements = policies.get(policy) ?? [];
  return statements
    .filter(({ Effect, Action }) => Effect === 'Allow' && Action.includes(action))
    .flatMap(({ Resource }) => Resource.map((arn) => arn.split(':').slice(5).join(':')));
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: an IoT policy variable
const itself = '${iot:Connection.Thing.ThingName}';

test('each policy fits the 2,048 characters that AWS IoT counts without white space', () => {
  expect([...policies.keys()].sort()).toEqual(['claim', 'vehicle-messages', 'vehicle-shadows', 'vehicle-updates']);
  // The longest ARNs of the partitions that AWS IoT is in: a policy that fits there fits everywhere.
  for (const [name, Statement] of [...policies, ...policiesIn('us-gov-west-1')]) {
    const text = JSON.stringify({ Version: '2012-10-17', Statement }).replaceAll(/\s/g, '');
    expect(text.length, name).toBeLessThan(2048);
  }
});

test('a vehicle connects under the name of the thing that its certificate is attached to', () => {
  const connect = (policies.get('vehicle-messages') ?? []).find(({ Action }) => Action.includes('iot:Connect'));
  expect(allowed('vehicle-messages', 'iot:Connect')).toEqual([`client/${itself}`]);
  expect(connect?.Condition).toEqual({ Bool: { 'iot:Connection.Thing.IsAttached': ['true'] } });
});

test('a vehicle reports under its own name through the four rules, nothing else', () => {
  expect(allowed('vehicle-messages', 'iot:Publish')).toEqual([
    `topic/$aws/rules/fleetloom_abcdefghijkl_telemetry/vehicles/${itself}/telemetry`,
    `topic/$aws/rules/fleetloom_abcdefghijkl_inventory/vehicles/${itself}/inventory`,
    `topic/$aws/rules/fleetloom_abcdefghijkl_replies/vehicles/${itself}/replies`,
    `topic/$aws/rules/fleetloom_abcdefghijkl_codes/vehicles/${itself}/codes`,
  ]);
});

test('a vehicle hears its own commands, its own shadows, and what is answered to its own questions', () => {
  const heard = [`vehicles/${itself}/commands`, `vehicles/${itself}/code`];
  expect(allowed('vehicle-messages', 'iot:Subscribe')).toEqual(heard.map((topic) => `topicfilter/${topic}`));
  expect(allowed('vehicle-messages', 'iot:Receive')).toEqual(heard.map((topic) => `topic/${topic}`));
  const answers = [
    `$aws/things/${itself}/shadow/*`,
    '$aws/certificates/create-from-csr/json/*',
    '$aws/provisioning-templates/fleetloom-abcdefghijkl-rotation/provision/json/*',
  ];
  expect(allowed('vehicle-shadows', 'iot:Subscribe')).toEqual(answers.map((topic) => `topicfilter/${topic}`));
  expect(allowed('vehicle-shadows', 'iot:Receive')).toEqual(answers.map((topic) => `topic/${topic}`));
});

test('a vehicle asks its shadows and for its next certificate, and cannot forge an answer of the service', () => {
  const may = allowed('vehicle-shadows', 'iot:Publish');
  const shadows = may.filter((topic) => topic.includes('/shadow'));
  expect(may.slice(6)).toEqual([
    'topic/$aws/certificates/create-from-csr/json',
    'topic/$aws/provisioning-templates/fleetloom-abcdefghijkl-rotation/provision/json',
  ]);
  expect(shadows).toHaveLength(6);
  for (const topic of shadows) expect(topic).toMatch(/\/shadow(\/name\/\*)?\/(get|update|delete)$/);
});

test('a vehicle reports on its updates and on who shares it, hears the answers and its own jobs, and cannot forge what AWS IoT announces', () => {
  const jobs = `$aws/things/${itself}/jobs`;
  const heard = [`vehicles/${itself}/ota`, `vehicles/${itself}/share`, `${jobs}/*`];
  expect(allowed('vehicle-updates', 'iot:Subscribe')).toEqual(heard.map((topic) => `topicfilter/${topic}`));
  expect(allowed('vehicle-updates', 'iot:Receive')).toEqual(heard.map((topic) => `topic/${topic}`));
  expect(allowed('vehicle-updates', 'iot:Publish')).toEqual([
    `topic/$aws/rules/fleetloom_abcdefghijkl_updates/vehicles/${itself}/updates`,
    `topic/$aws/rules/fleetloom_abcdefghijkl_sharing/vehicles/${itself}/sharing`,
    ...['get', 'start-next', '*/get', '*/update'].map((verb) => `topic/${jobs}/${verb}`),
  ]);
});

test('a claim connects under no name that a vehicle can have, and asks for nothing but a certificate', () => {
  expect(allowed('claim', 'iot:Connect')).toEqual(['client/claim-*']);
  expect(allowed('claim', 'iot:Publish')).toEqual([
    'topic/$aws/certificates/create-from-csr/json',
    'topic/$aws/provisioning-templates/fleetloom-abcdefghijkl-vehicles/provision/json',
  ]);
  for (const topic of [...allowed('claim', 'iot:Subscribe'), ...allowed('claim', 'iot:Receive')]) {
    expect(topic).toMatch(/^topic(filter)?\/\$aws\/.*\/json\/(accepted|rejected)$/);
  }
});

test('what AWS IoT reads as a description is ASCII: it takes nothing else', () => {
  for (const type of [
    'AWS::IoT::ThingGroup',
    'AWS::IoT::ThingType',
    'AWS::IoT::TopicRule',
    'AWS::IoT::ProvisioningTemplate',
  ]) {
    for (const { id, Properties } of ofType(deployed(), type)) {
      expect(JSON.stringify(Properties), id).toMatch(/^[\x20-\x7e]*$/);
    }
  }
});
