import { expect, test } from 'vitest';
import { z } from 'zod';
import { deployed, ofType, statementsOf, textOf } from './stacks.ts';

const resources = deployed();
const queues = ofType(resources, 'AWS::SQS::Queue');
const functions = ofType(resources, 'AWS::Lambda::Function');
const mappings = ofType(resources, 'AWS::Lambda::EventSourceMapping');
const rules = ofType(resources, 'AWS::IoT::TopicRule');
const alarms = ofType(resources, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
const alarmTexts = alarms.map((properties) => JSON.stringify(properties));

const payloadSchema = z.object({
  Sql: z.string(),
  RuleDisabled: z.literal(false),
  Actions: z.array(z.record(z.string(), z.looseObject({ FunctionArn: z.unknown().optional() }))).length(1),
  ErrorAction: z.object({
    Sqs: z.object({ QueueUrl: z.unknown(), RoleArn: z.unknown(), UseBase64: z.literal(false) }),
  }),
});
const payloads = rules.map(({ Properties }) => payloadSchema.parse(Properties['TopicRulePayload']));

/** The logical id of the queue behind `Ref` or `Fn::GetAtt: [queue, 'Arn']`. */
function queueBehind(reference: unknown): string {
  return textOf(reference).replace(/^<|(\.Arn)?>$/g, '');
}

function deadLettersOf(id: string): string | undefined {
  const redrive = queues.find((queue) => queue.id === id)?.Properties['RedrivePolicy'];
  return redrive === undefined
    ? undefined
    : queueBehind(z.object({ deadLetterTargetArn: z.unknown() }).parse(redrive).deadLetterTargetArn);
}

/** The logical id of a function's role. */
function roleOf(id: string): string {
  return queueBehind(functions.find((fn) => fn.id === id)?.Properties['Role']);
}

function isWatched(queueId: string): boolean {
  return alarmTexts.some(
    (text) => text.includes('"ApproximateNumberOfMessagesVisible"') && text.includes(`["${queueId}","QueueName"]`),
  );
}

test('a function that a rule calls leaves what it cannot swallow in a watched dead-letter queue', () => {
  const called = payloads.flatMap(({ Actions }) =>
    Actions.flatMap(({ Lambda }) => (Lambda === undefined ? [] : [queueBehind(Lambda.FunctionArn)])),
  );
  expect(called).toHaveLength(5);
  for (const id of called) {
    const config = functions.find((fn) => fn.id === id)?.Properties['DeadLetterConfig'];
    const target = queueBehind(z.object({ TargetArn: z.unknown() }).parse(config).TargetArn);
    expect(isWatched(target), `${id} → ${target}`).toBe(true);
  }
});

test('a queue that a function reads gives up into a watched dead-letter queue', () => {
  const read = mappings
    .map(({ Properties }) => queueBehind(Properties['EventSourceArn']))
    .filter((id) => queues.some((queue) => queue.id === id));
  expect(read).toHaveLength(19);
  for (const id of read) expect(isWatched(deadLettersOf(id) ?? 'no dead-letter queue'), id).toBe(true);
});

test('a stream gives up a poison record into a watched queue, after halving its batch', () => {
  const streams = mappings.filter(({ Properties }) => Properties['StartingPosition'] !== undefined);
  expect(streams).toHaveLength(8);
  for (const { id, Properties } of streams) {
    const { OnFailure } = z
      .object({ OnFailure: z.object({ Destination: z.unknown() }) })
      .parse(Properties['DestinationConfig']);
    expect(isWatched(queueBehind(OnFailure.Destination)), id).toBe(true);
    expect(Properties['BisectBatchOnFunctionError']).toBe(true);
  }
});

test('every batch reports each record, so that one poison message never replays its neighbours', () => {
  for (const { id, Properties } of mappings) {
    expect(Properties['FunctionResponseTypes'], id).toEqual(['ReportBatchItemFailures']);
  }
});

test('a rule whose action fails leaves the message in a watched queue', () => {
  for (const { ErrorAction } of payloads) expect(isWatched(queueBehind(ErrorAction.Sqs.QueueUrl))).toBe(true);
});

test('a queue that nothing reads is watched: dead letters, failures and the quarantine', () => {
  const read = new Set(mappings.map(({ Properties }) => queueBehind(Properties['EventSourceArn'])));
  const last = queues.filter(({ id }) => !read.has(id));
  expect(last.length).toBeGreaterThanOrEqual(7);
  for (const { id } of last) expect(isWatched(id), id).toBe(true);
});

/** Their runs keep a message's work to one of them by a lease: who follows one that died need not wait so long. */
const leased = /^(Transfers(Imports|Exports)|UpdatesRuns|EvidenceQueue)[0-9A-F]+$/;

test('a queue waits six times as long as its function may run, where no lease keeps a second one out', () => {
  for (const { id, Properties } of mappings) {
    const queue = queues.find((candidate) => candidate.id === queueBehind(Properties['EventSourceArn']));
    if (queue === undefined) continue;
    const fn = functions.find((candidate) => candidate.id === queueBehind(Properties['FunctionName']));
    const wait = Number(queue.Properties['VisibilityTimeout']);
    const run = Number(fn?.Properties['Timeout']);
    if (leased.test(queue.id)) expect(wait, id).toBeGreaterThan(run);
    else expect(wait, id).toBeGreaterThanOrEqual(6 * run);
  }
});

test('a function that goes on through the queue it reads tells Lambda so, which else ends it after sixteen runs', () => {
  const sends = (id: string, queueId: string) =>
    ofType(resources, 'AWS::IAM::Policy')
      .filter(({ Properties }) => JSON.stringify(Properties['Roles']) === JSON.stringify([{ Ref: roleOf(id) }]))
      .flatMap(({ Properties }) => statementsOf(Properties['PolicyDocument']))
      .some(
        ({ Action, Resource = [] }) =>
          Action.includes('sqs:SendMessage') && Resource.map(textOf).includes(`<${queueId}.Arn>`),
      );
  const goingOn = mappings
    .map(({ Properties }) => ({
      id: queueBehind(Properties['FunctionName']),
      queueId: queueBehind(Properties['EventSourceArn']),
    }))
    .filter(({ id, queueId }) => sends(id, queueId));
  const named = goingOn.map(({ id }) => {
    const fn = functions.find((candidate) => candidate.id === id);
    return `${fn?.Properties['FunctionName']}: ${fn?.Properties['RecursiveLoop'] ?? 'Terminate'}`;
  });
  expect(named.sort()).toEqual([
    'fleetloom-dev-campaign-continued: Allow',
    'fleetloom-dev-certificate-watch: Allow',
    // A command lives as long as a message may be delayed: no chain of reminders is longer than two.
    'fleetloom-dev-command-expired: Terminate',
    'fleetloom-dev-erasure-due: Allow',
    'fleetloom-dev-export-continued: Allow',
    'fleetloom-dev-import-continued: Allow',
    'fleetloom-dev-partner-looks: Allow',
    'fleetloom-dev-sharing-due: Allow',
    'fleetloom-dev-sharing-stated: Allow',
    'fleetloom-dev-webhooks-sent: Allow',
  ]);
});

test('every function rings when it fails, and when it is throttled: each by itself, since a sum lacks what one lacks', () => {
  for (const { id } of functions) {
    for (const metric of ['Errors', 'Throttles']) {
      const alarm = alarms.find(
        ({ MetricName, Dimensions }) =>
          MetricName === metric && JSON.stringify(Dimensions) === `[{"Name":"FunctionName","Value":{"Ref":"${id}"}}]`,
      );
      expect(alarm, `${id} ${metric}`).toMatchObject({ Namespace: 'AWS/Lambda', Statistic: 'Sum', Threshold: 0 });
    }
  }
});

test.each([
  ['api', 'ClientsShutOut'],
  ['api', 'QuotasUncounted'],
  ['sharing-api', 'ClientsShutOut'],
  ['sharing-api', 'QuotasUncounted'],
  ['admit-rotation', 'RotationsRefused'],
  ['certificate-watch', 'CertificatesExpiring'],
  ['certificate-watch', 'CertificatesExpired'],
  ['update-changed', 'UnsafeVehicles'],
  ['security-noted', 'AttacksRefused'],
])('what %s counts as %s rings', (service, metric) => {
  const counted = alarms.filter(({ MetricName }) => MetricName === metric);
  const dimensions = { Namespace: 'Fleetloom', Dimensions: [{ Name: 'service', Value: service }] };
  expect(counted).toContainEqual(expect.objectContaining(dimensions));
  const names = functions.map(({ Properties }) => JSON.stringify(Properties['Environment']));
  expect(names.some((text) => text.includes(`"POWERTOOLS_SERVICE_NAME":"${service}"`))).toBe(true);
});

test('every alarm reaches the topic, which CloudWatch may publish to', () => {
  const topic =
    /"AlarmActions":\[\{("Ref":"|"Fn::ImportValue":"Fleetloom-dev-Platform:ExportsOutputRef)AlarmsTopic\w+"\}\]/;
  for (const text of alarmTexts) expect(text).toMatch(topic);
  expect(ofType(resources, 'AWS::SNS::Topic')).toHaveLength(1);
  const [policy] = ofType(resources, 'AWS::SNS::TopicPolicy');
  expect(JSON.stringify(policy?.Properties)).toContain('"Service":"cloudwatch.amazonaws.com"');
});

test('an alarm mail is sent only where an address was given', () => {
  expect(resources.some(({ Type }) => Type === 'AWS::SNS::Subscription')).toBe(false);
  const subscriptions = ofType(deployed({ alarmEmail: 'watch@example.com' }), 'AWS::SNS::Subscription');
  expect(subscriptions.map(({ Properties }) => Properties['Endpoint'])).toEqual(['watch@example.com']);
});

test('reports are selected with the vehicle of the topic, never of the payload', () => {
  const reports = payloads.map(({ Sql }) => Sql).filter((sql) => sql.includes("FROM 'vehicles/"));
  expect(reports).toHaveLength(6);
  for (const sql of reports) {
    expect(sql).toMatch(
      /^SELECT encode\(\*, 'base64'\) AS payload, timestamp\(\) AS receivedAt, topic\(2\) AS vehicleId FROM 'vehicles\/\+\/\w+'$/,
    );
  }
});
