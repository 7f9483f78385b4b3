import type { EventInvokeConfig } from './event-invoke-config.ts';
import type { InvocationResult } from './invoker.ts';

/** A message for a queue. */
export interface QueueMessage {
  readonly queueArn: string;
  readonly body: string;
  readonly attributes: Readonly<
    Record<string, { readonly DataType: 'String' | 'Number'; readonly StringValue: string }>
  >;
}

export type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

/** An asynchronous event at its end. */
export interface FinishedEvent {
  readonly requestId: string;
  readonly functionArn: string;
  readonly payload: string;
  readonly attempts: number;
  readonly condition: Condition;
  readonly result: InvocationResult;
  readonly at: number;
}

/** The answer of a failed function as callers see it. */
export function errorPayload(result: Extract<InvocationResult, { kind: 'failed' }>): object {
  return { errorType: result.errorType, errorMessage: result.errorMessage, trace: [] };
}

/** The envelope of Lambda's destinations (Lambda developer guide, "Capturing records of Lambda invocations"). */
function envelope(event: FinishedEvent): string {
  const { result } = event;
  const failed = result.kind === 'failed';
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(event.at).toISOString(),
    requestContext: {
      requestId: event.requestId,
      functionArn: `${event.functionArn}:$LATEST`,
      condition: event.condition,
      approximateInvokeCount: event.attempts,
    },
    requestPayload: JSON.parse(event.payload),
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      ...(failed ? { functionError: 'Unhandled' } : {}),
    },
    responsePayload: failed ? errorPayload(result) : result.payload,
  });
}

/**
 * What is sent where when an event has come to its end. A dead-letter queue gets the event itself with the
 * error in message attributes; a destination gets the envelope; a function may have both.
 */
export function messagesAfter(
  event: FinishedEvent,
  config: EventInvokeConfig,
  deadLetterArn: string | undefined,
): QueueMessage[] {
  if (event.result.kind === 'answered') {
    return config.onSuccess === undefined
      ? []
      : [{ queueArn: config.onSuccess, body: envelope(event), attributes: {} }];
  }
  const messages: QueueMessage[] = [];
  if (config.onFailure !== undefined) {
    messages.push({ queueArn: config.onFailure, body: envelope(event), attributes: {} });
  }
  if (deadLetterArn !== undefined) {
    messages.push({
      queueArn: deadLetterArn,
      body: event.payload,
      attributes: {
        RequestID: { DataType: 'String', StringValue: event.requestId },
        ErrorCode: { DataType: 'Number', StringValue: '200' },
        ErrorMessage: { DataType: 'String', StringValue: event.result.errorMessage.slice(0, 1024) },
      },
    });
  }
  return messages;
}
