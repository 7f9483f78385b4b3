import { AwsError } from '#local/aws-error.ts';
import type { Hop } from './faults.ts';

/** Errors that the SDKs know how to read, as the services' API references name them. */
const known: Readonly<Record<string, readonly [status: number, message: string]>> = {
  ProvisionedThroughputExceededException: [
    400,
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  ],
  RequestLimitExceeded: [
    400,
    'Throughput exceeds the current throughput limit for your account. Please contact AWS Support.',
  ],
  ThrottlingException: [400, 'Rate exceeded'],
  TooManyRequestsException: [429, 'Rate Exceeded.'],
  RequestThrottled: [400, 'The request was denied due to request throttling.'],
  SlowDown: [503, 'Please reduce your request rate.'],
  TransactionConflictException: [400, 'Transaction is ongoing for the item'],
  TransactionInProgressException: [400, 'The transaction with the given request token is already in progress.'],
  InternalServerError: [500, 'Internal server error'],
  ServiceUnavailable: [503, 'The service is temporarily unavailable.'],
};

/** "Too often", and so worth another attempt, although most of them come with the status of a refusal. */
export const throttlingErrors: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
  'ThrottlingException',
  'TooManyRequestsException',
]);

export function injectedError(name: string, status?: number, message?: string): AwsError {
  const [usualStatus, usualMessage] = known[name] ?? [400, 'Injected by a fault of the local cloud.'];
  return new AwsError(name, status ?? usualStatus, message ?? usualMessage);
}

const ofHops: Readonly<Record<Hop, string>> = {
  mqtt: 'ThrottlingException',
  rule: 'ThrottlingException',
  function: 'TooManyRequestsException',
  table: 'ProvisionedThroughputExceededException',
  stream: 'TooManyRequestsException',
  queue: 'RequestThrottled',
  event: 'ThrottlingException',
  http: 'TooManyRequestsException',
  cdn: 'SlowDown',
  hub: 'ThrottlingException',
};

const ofServices: Readonly<Record<string, string>> = {
  dynamodb: 'ThrottlingException',
  sqs: 'RequestThrottled',
  s3: 'SlowDown',
  events: 'ThrottlingException',
  iot: 'ThrottlingException',
  iotdata: 'ThrottlingException',
};

/** What whoever is at this hop says when it is asked too often; a label such as `sqs:SendMessage` names a service. */
export function throttlingError(hop: Hop, label: string): AwsError {
  const service = hop === 'http' ? /^([a-z0-9-]+):/.exec(label)?.[1] : undefined;
  return injectedError((service !== undefined && ofServices[service]) || ofHops[hop]);
}
