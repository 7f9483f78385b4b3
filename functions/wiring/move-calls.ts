import { SQSClient } from '@aws-sdk/client-sqs';
import type { MoveCalls } from '#shared/registry/move-driver.ts';
import { SqsMoveCalls } from '../adapters/sqs/move-calls.ts';
import { optionalSetting } from '../environment.ts';

/** Undefined where there is one home alone, and nobody moves. */
export function moveCalls(): MoveCalls | undefined {
  const queueUrl = optionalSetting('VEHICLE_MOVES_QUEUE_URL');
  return queueUrl === undefined ? undefined : new SqsMoveCalls(new SQSClient({}), queueUrl);
}
