import { z } from 'zod';
import type { Provisioned, ResourceScope, ResourceType } from '#local/template/resource-type.ts';
import type { Queues } from './queues.ts';

const seconds = (least: number, most: number, standard: number) =>
  z.coerce.number().int().min(least).max(most).default(standard);

const redrivePolicy = z.strictObject({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.coerce.number().int().min(1).max(1000),
});

const queueProperties = z.strictObject({
  QueueName: z
    .string()
    .regex(/^[\w-]{1,80}$/, 'must be 1-80 letters, digits, - or _ (the local cloud has no FIFO queues)')
    .optional(),
  FifoQueue: z.literal(false, 'the local cloud has no FIFO queues').optional(),
  DelaySeconds: seconds(0, 900, 0),
  MaximumMessageSize: seconds(1024, 1_048_576, 1_048_576),
  MessageRetentionPeriod: seconds(60, 1_209_600, 345_600),
  ReceiveMessageWaitTimeSeconds: seconds(0, 20, 0),
  VisibilityTimeout: seconds(0, 43_200, 30),
  RedrivePolicy: redrivePolicy.optional(),
  // Which queues may point here; locally one template names both.
  RedriveAllowPolicy: z.unknown().optional(),
  // The local file is as private as the directory it stands in.
  SqsManagedSseEnabled: z.boolean().optional(),
  KmsMasterKeyId: z.string().optional(),
  KmsDataKeyReusePeriodSeconds: z.unknown().optional(),
  Tags: z.unknown().optional(),
});

const policyProperties = z.strictObject({ Queues: z.array(z.string()).min(1), PolicyDocument: z.unknown() });

/** `AWS::SQS::Queue` and `AWS::SQS::QueuePolicy`. */
export function queueResources(queues: Queues): ResourceType[] {
  return [
    { type: 'AWS::SQS::Queue', create: (properties, scope) => createQueue(properties, scope, queues) },
    { type: 'AWS::SQS::QueuePolicy', create: (properties, scope) => createPolicy(properties, scope, queues) },
  ];
}

function createQueue(properties: unknown, scope: ResourceScope, queues: Queues): Provisioned {
  const parsed = queueProperties.safeParse(properties);
  if (!parsed.success) {
    throw new Error(`The local cloud does not understand this queue: ${z.prettifyError(parsed.error)}`);
  }
  const settings = parsed.data;
  const name = settings.QueueName ?? scope.physicalName;
  const redrive = settings.RedrivePolicy;
  queues.open({
    name,
    arn: queues.arn(name),
    delaySeconds: settings.DelaySeconds,
    visibilityTimeout: settings.VisibilityTimeout,
    retentionSeconds: settings.MessageRetentionPeriod,
    waitSeconds: settings.ReceiveMessageWaitTimeSeconds,
    maximumMessageSize: settings.MaximumMessageSize,
    redrive:
      redrive === undefined
        ? undefined
        : { deadLetterArn: redrive.deadLetterTargetArn, maxReceiveCount: redrive.maxReceiveCount },
  });
  const url = queues.url(name);
  return { ref: url, attributes: { Arn: queues.arn(name), QueueName: name, QueueUrl: url } };
}

function createPolicy(properties: unknown, scope: ResourceScope, queues: Queues): Provisioned {
  const { Queues: urls, PolicyDocument: document } = policyProperties.parse(properties);
  for (const url of urls) queues.putPolicy(queues.find(url), document);
  return { ref: scope.physicalName, attributes: { Id: scope.physicalName } };
}
