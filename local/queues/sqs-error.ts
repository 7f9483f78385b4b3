import type { AwsError } from '#local/aws-error.ts';
import type { AwsResponse } from '#local/gateway/service.ts';

/** Older SDKs know these errors by the codes of the former query protocol, which SQS still sends beside the new. */
const formerCodes: Readonly<Record<string, string>> = {
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
};

export function formerCode(name: string): string {
  return formerCodes[name] ?? name;
}

export function sqsErrorAnswer(error: AwsError): AwsResponse {
  const fault = error.status < 500 ? 'Sender' : 'Receiver';
  return {
    status: error.status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-errortype': error.name,
      'x-amzn-query-error': `${formerCode(error.name)};${fault}`,
    },
    body: { __type: `com.amazonaws.sqs#${error.name}`, message: error.message, ...error.details },
  };
}
