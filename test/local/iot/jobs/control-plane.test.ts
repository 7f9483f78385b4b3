import {
  AssociateTargetsWithJobCommand,
  CancelJobCommand,
  CancelJobExecutionCommand,
  CreateJobCommand,
  CreateJobTemplateCommand,
  DeleteJobCommand,
  DeleteJobExecutionCommand,
  DeleteJobTemplateCommand,
  DescribeEndpointCommand,
  DescribeEventConfigurationsCommand,
  DescribeJobCommand,
  DescribeJobExecutionCommand,
  DescribeJobTemplateCommand,
  DescribeManagedJobTemplateCommand,
  GetJobDocumentCommand,
  IoTClient,
  ListJobExecutionsForJobCommand,
  ListJobExecutionsForThingCommand,
  ListJobsCommand,
  ListJobTemplatesCommand,
  UpdateEventConfigurationsCommand,
  UpdateJobCommand,
} from '@aws-sdk/client-iot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arns, type IotCloud, region, soon, startIotCloud } from './iot-cloud.ts';

let cloud: IotCloud;

beforeAll(async () => {
  cloud = await startIotCloud();
  for (const thingName of ['car-1', 'car-2', 'car-3']) cloud.iot.registry.things.create({ thingName });
});
afterAll(() => cloud.close());

const { job: jobArn, thing: thingArn } = arns;
const describe = async (jobId: string) => (await cloud.operator.send(new DescribeJobCommand({ jobId }))).job;
const execution = async (jobId: string, thingName: string) =>
  (await cloud.operator.send(new DescribeJobExecutionCommand({ jobId, thingName }))).execution;
const queued = (jobId: string, thingName: string) =>
  soon(async () => expect(await execution(jobId, thingName)).toMatchObject({ status: 'QUEUED' }));

test('a job is described as it was made', async () => {
  const settings = {
    description: 'engine 4.2',
    targetSelection: 'SNAPSHOT',
    targets: [thingArn('car-1'), thingArn('car-2')],
    jobExecutionsRolloutConfig: { maximumPerMinute: 50 },
    abortConfig: {
      criteriaList: [
        { failureType: 'FAILED', action: 'CANCEL', thresholdPercentage: 12.5, minNumberOfExecutedThings: 8 },
      ],
    },
    timeoutConfig: { inProgressTimeoutInMinutes: 60 },
    jobExecutionsRetryConfig: { criteriaList: [{ failureType: 'TIMED_OUT', numberOfRetries: 2 }] },
  } as const;
  const document = '{"is":"whole"}';
  const [targets, list] = [[...settings.targets], [...settings.abortConfig.criteriaList]];
  const retries = { criteriaList: [...settings.jobExecutionsRetryConfig.criteriaList] };
  const wish = { ...settings, targets, abortConfig: { criteriaList: list }, jobExecutionsRetryConfig: retries };
  const created = await cloud.operator.send(new CreateJobCommand({ jobId: 'whole', document, ...wish }));
  expect(created).toMatchObject({ jobId: 'whole', jobArn: jobArn('whole'), description: 'engine 4.2' });
  await queued('whole', 'car-2');
  expect(await describe('whole')).toMatchObject({
    ...settings,
    status: 'IN_PROGRESS',
    createdAt: expect.any(Date),
    jobProcessDetails: { numberOfQueuedThings: 2, numberOfSucceededThings: 0 },
  });
  const { document: read } = await cloud.operator.send(new GetJobDocumentCommand({ jobId: 'whole' }));
  expect(read).toBe(document);
  await cloud.operator.send(new UpdateJobCommand({ jobId: 'whole', description: 'engine 4.3' }));
  expect(await describe('whole')).toMatchObject({
    description: 'engine 4.3',
    jobExecutionsRolloutConfig: { maximumPerMinute: 50 },
  });
});

test('jobs and executions are listed, by state, in pages', async () => {
  await cloud.job('list-a', [thingArn('car-3')]);
  await cloud.job('list-b', [thingArn('car-3')], { targetSelection: 'SNAPSHOT' });
  await queued('list-b', 'car-3');
  await cloud.operator.send(new CancelJobCommand({ jobId: 'list-b', reasonCode: 'TRY_1', comment: 'enough' }));
  await soon(async () => expect(await execution('list-b', 'car-3')).toMatchObject({ status: 'CANCELED' }));
  expect(await describe('list-b')).toMatchObject({ status: 'CANCELED', reasonCode: 'TRY_1', comment: 'enough' });
  const jobs = await cloud.operator.send(new ListJobsCommand({ status: 'CANCELED' }));
  expect(jobs.jobs).toMatchObject([{ jobId: 'list-b', completedAt: expect.any(Date) }]);
  const continuous = await cloud.operator.send(new ListJobsCommand({ targetSelection: 'CONTINUOUS' }));
  expect(continuous.jobs?.map(({ jobId }) => jobId)).toEqual(['list-a']);
  const first = await cloud.operator.send(new ListJobExecutionsForThingCommand({ thingName: 'car-3', maxResults: 1 }));
  expect(first.executionSummaries).toMatchObject([
    { jobId: 'list-a', jobExecutionSummary: { status: 'QUEUED', executionNumber: 1, retryAttempt: 0 } },
  ]);
  const { nextToken } = first;
  const second = await cloud.operator.send(new ListJobExecutionsForThingCommand({ thingName: 'car-3', nextToken }));
  expect(second.executionSummaries).toMatchObject([{ jobId: 'list-b', jobExecutionSummary: { status: 'CANCELED' } }]);
  const ofJob = await cloud.operator.send(new ListJobExecutionsForJobCommand({ jobId: 'list-a', status: 'QUEUED' }));
  expect(ofJob.executionSummaries).toMatchObject([{ thingArn: thingArn('car-3') }]);
});

test('one execution is cancelled and deleted, by force only where it is under way', async () => {
  await cloud.job('single', [thingArn('car-1')], { targetSelection: 'SNAPSHOT' });
  await queued('single', 'car-1');
  const which = { jobId: 'single', thingName: 'car-1' };
  const wrong = cloud.operator.send(new CancelJobExecutionCommand({ ...which, expectedVersion: 7 }));
  await expect(wrong).rejects.toMatchObject({ name: 'VersionConflictException' });
  const early = cloud.operator.send(new DeleteJobExecutionCommand({ ...which, executionNumber: 1 }));
  await expect(early).rejects.toMatchObject({ name: 'InvalidStateTransitionException' });
  await cloud.operator.send(
    new CancelJobExecutionCommand({ ...which, expectedVersion: 1, statusDetails: { why: 'towed' } }),
  );
  expect(await execution('single', 'car-1')).toMatchObject({
    status: 'CANCELED',
    statusDetails: { detailsMap: { why: 'towed' } },
  });
  const again = cloud.operator.send(new CancelJobExecutionCommand({ ...which, force: true }));
  await expect(again).rejects.toMatchObject({ name: 'InvalidStateTransitionException' });
  expect(await describe('single')).toMatchObject({ status: 'COMPLETED' });
  await cloud.operator.send(new DeleteJobExecutionCommand({ ...which, executionNumber: 1 }));
  await expect(execution('single', 'car-1')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a job is deleted when it is over, or by force, and its id is free again', async () => {
  await cloud.job('gone', [thingArn('car-1')]);
  const early = cloud.operator.send(new DeleteJobCommand({ jobId: 'gone' }));
  await expect(early).rejects.toMatchObject({ name: 'InvalidStateTransitionException' });
  await cloud.operator.send(new DeleteJobCommand({ jobId: 'gone', force: true }));
  await soon(() => expect(describe('gone')).rejects.toMatchObject({ name: 'ResourceNotFoundException' }));
  await cloud.job('gone', [thingArn('car-1')]);
  await cloud.operator.send(new DeleteJobCommand({ jobId: 'gone', force: true }));
});

test('a continuous job in progress takes further targets, another one none', async () => {
  await cloud.job('more', [thingArn('car-1')]);
  const more = { jobId: 'more', targets: [thingArn('car-2')], comment: 'a second one' };
  await soon(async () => expect(await describe('more')).toMatchObject({ status: 'IN_PROGRESS' }));
  await cloud.operator.send(new AssociateTargetsWithJobCommand(more));
  await queued('more', 'car-2');
  expect(await describe('more')).toMatchObject({ targets: [thingArn('car-1'), thingArn('car-2')] });
  await cloud.operator.send(new CancelJobCommand({ jobId: 'more' }));
  const late = cloud.operator.send(new AssociateTargetsWithJobCommand(more));
  await expect(late).rejects.toMatchObject({ name: 'InvalidRequestException' });
});

test.each([
  ['no target', { targets: [] }, 'InvalidRequestException'],
  ['a thing that is not there', { targets: [thingArn('nobody')] }, 'ResourceNotFoundException'],
  ['something else than a thing or group', { targets: [jobArn('x')] }, 'InvalidRequestException'],
  ['no document', { document: undefined }, 'InvalidRequestException'],
  ['a document that is no JSON object', { document: '[]' }, 'InvalidRequestException'],
  ['a document of more than 32 KB', { document: `{"a":"${'x'.repeat(33_000)}"}` }, 'InvalidRequestException'],
  ['two documents', { documentSource: 'https://s3.amazonaws.com/bucket/key' }, 'InvalidRequestException'],
  ['a rate of 0', { jobExecutionsRolloutConfig: { maximumPerMinute: 0 } }, 'InvalidRequestException'],
  ['a rate of 1001', { jobExecutionsRolloutConfig: { maximumPerMinute: 1001 } }, 'InvalidRequestException'],
  [
    'eleven retries',
    { jobExecutionsRetryConfig: { criteriaList: [{ failureType: 'ALL', numberOfRetries: 11 }] } },
    'InvalidRequestException',
  ],
  ['eight days for a step', { timeoutConfig: { inProgressTimeoutInMinutes: 10_081 } }, 'InvalidRequestException'],
  [
    'an address to sign, and no role',
    { document: `{"a":"\${aws:iot:s3-presigned-url:https://s3.amazonaws.com/b/k}"}` },
    'InvalidRequestException',
  ],
  ['a namespace', { namespaceId: 'ns' }, 'InvalidRequestException'],
  [
    'a template that is not there',
    { document: undefined, jobTemplateArn: arns.jobTemplate('x') },
    'ResourceNotFoundException',
  ],
])('a job with %s is refused, and nothing is made', async (_, wish, name) => {
  await expect(cloud.job('bad', [thingArn('car-1')], wish)).rejects.toMatchObject({ name });
  await expect(describe('bad')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a job id is used once', async () => {
  await cloud.job('once', [thingArn('car-1')]);
  await expect(cloud.job('once', [thingArn('car-1')])).rejects.toMatchObject({
    name: 'ResourceAlreadyExistsException',
    resourceArn: jobArn('once'),
  });
});

test('a template gives a job what it does not say itself', async () => {
  const description = 'all engines';
  const timeoutConfig = { inProgressTimeoutInMinutes: 30 };
  const jobExecutionsRolloutConfig = { maximumPerMinute: 10 };
  const wish = {
    jobTemplateId: 'engines',
    description,
    document: '{"t":1}',
    timeoutConfig,
    jobExecutionsRolloutConfig,
  };
  const { jobTemplateArn } = await cloud.operator.send(new CreateJobTemplateCommand(wish));
  const { $metadata: _, ...template } = await cloud.operator.send(
    new DescribeJobTemplateCommand({ jobTemplateId: 'engines' }),
  );
  expect(template).toMatchObject({ ...wish, jobTemplateArn, createdAt: expect.any(Date) });
  const { jobTemplates } = await cloud.operator.send(new ListJobTemplatesCommand({}));
  expect(jobTemplates).toMatchObject([{ jobTemplateId: 'engines', description }]);
  const targets = [thingArn('car-1')];
  const own = { timeoutConfig: { inProgressTimeoutInMinutes: 5 } };
  await cloud.operator.send(new CreateJobCommand({ jobId: 'templated', targets, jobTemplateArn, ...own }));
  expect(await describe('templated')).toMatchObject({
    description,
    jobExecutionsRolloutConfig,
    jobTemplateArn,
    ...own,
  });
  await cloud.operator.send(new DeleteJobTemplateCommand({ jobTemplateId: 'engines' }));
  const gone = cloud.operator.send(new DescribeJobTemplateCommand({ jobTemplateId: 'engines' }));
  await expect(gone).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const managed = cloud.operator.send(new DescribeManagedJobTemplateCommand({ templateName: 'AWS-Reboot' }));
  await expect(managed).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('the endpoint of jobs is the one of all device services', async () => {
  const { endpointAddress } = await cloud.operator.send(new DescribeEndpointCommand({ endpointType: 'iot:Jobs' }));
  expect(endpointAddress).toBe('localhost');
});

test('events of jobs are told when somebody switches them on, also to rules, and cancelling has two', async () => {
  const enabled = { JOB: { Enabled: true }, JOB_EXECUTION: { Enabled: true } };
  const events = () => cloud.seen.filter(({ topic }) => topic.startsWith('$aws/events/job'));
  expect(events()).toEqual([]);
  await cloud.operator.send(new UpdateEventConfigurationsCommand({ eventConfigurations: enabled }));
  const { eventConfigurations } = await cloud.operator.send(new DescribeEventConfigurationsCommand({}));
  expect(eventConfigurations).toMatchObject({ ...enabled, THING: { Enabled: false } });
  const others = { eventConfigurations: { THING: { Enabled: true } } };
  const unsent = cloud.operator.send(new UpdateEventConfigurationsCommand(others));
  await expect(unsent).rejects.toMatchObject({ name: 'InvalidRequestException' });
  await cloud.job('told', [thingArn('car-1')], { description: 'told of' });
  await queued('told', 'car-1');
  await cloud.operator.send(new CancelJobCommand({ jobId: 'told', comment: 'why not' }));
  await soon(() => expect(events()).toHaveLength(3));
  await cloud.operator.send(new DeleteJobCommand({ jobId: 'told' }));
  await soon(() => expect(events()).toHaveLength(6));
  const told = events().map(({ topic, payload }) => [topic.slice(12), JSON.parse(payload.toString())]);
  const jobEvent = {
    eventType: 'JOB',
    jobId: 'told',
    targets: [thingArn('car-1')],
    description: 'told of',
    comment: 'why not',
  };
  const executionEvent = { eventType: 'JOB_EXECUTION', jobId: 'told', thingArn: thingArn('car-1') };
  expect(told).toMatchObject([
    ['job/told/cancellation_in_progress', { ...jobEvent, operation: 'cancellation_in_progress' }],
    ['jobExecution/told/canceled', { ...executionEvent, operation: 'canceled', status: 'CANCELED' }],
    ['job/told/canceled', { ...jobEvent, operation: 'canceled', status: 'CANCELED', completedAt: expect.any(Number) }],
    ['job/told/deletion_in_progress', { ...jobEvent, status: 'DELETION_IN_PROGRESS' }],
    ['jobExecution/told/deleted', { ...executionEvent, operation: 'deleted' }],
    ['job/told/deleted', jobEvent],
  ]);
});

/** A caller with exactly these grants: `iot:CreateJob job/a`. */
function callerWith(roleName: string, ...grants: readonly string[]): IoTClient {
  const roleArn = `arn:aws:iam::000000000000:role/${roleName}`;
  const principal = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const trustPolicy = { Version: '2012-10-17', Statement: [principal] };
  cloud.iam.putRole({ roleName, arn: roleArn, trustPolicy, tags: {} });
  const Statement = grants.map((grant) => {
    const [Action = '', resource = ''] = grant.split(' ');
    const Resource = resource === '*' ? '*' : `arn:aws:iot:eu-central-1:000000000000:${resource}`;
    return { Effect: 'Allow', Action, Resource };
  });
  cloud.iam.putRolePolicy(roleName, 'grants', { Version: '2012-10-17', Statement });
  return new IoTClient({
    region,
    endpoint: cloud.gateway.endpoint,
    credentials: cloud.iam.issueKey(roleArn),
    maxAttempts: 1,
  });
}

test('whoever makes a job needs a grant for the job and for each of its targets', async () => {
  const wish = { jobId: 'granted', targets: [thingArn('car-1'), thingArn('car-2')], document: '{}' };
  const partly = callerWith('partly', 'iot:CreateJob job/granted', 'iot:CreateJob thing/car-1');
  await expect(partly.send(new CreateJobCommand(wish))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('thing/car-2'),
  });
  const wholly = callerWith('wholly', 'iot:CreateJob job/granted', 'iot:CreateJob thing/*');
  await wholly.send(new CreateJobCommand(wish));
  await expect(wholly.send(new DescribeJobCommand({ jobId: 'granted' }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
  const cancel = new CancelJobExecutionCommand({ jobId: 'granted', thingName: 'car-1' });
  const canceller = callerWith('canceller', 'iot:CancelJobExecution job/granted');
  await expect(canceller.send(cancel)).rejects.toMatchObject({ name: 'AccessDeniedException' });
});
