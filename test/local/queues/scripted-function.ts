import type { InvocationResult, LambdaInvoker } from '#local/lambda/invoker.ts';

export interface EventRecord {
  readonly body?: string;
  readonly messageId?: string;
  readonly eventName?: string;
  readonly dynamodb?: {
    readonly SequenceNumber: string;
    readonly Keys: { readonly pk: { readonly S: string } };
    readonly NewImage?: unknown;
    readonly OldImage?: unknown;
  };
}

export const answered = (payload: unknown = null): InvocationResult => ({ kind: 'answered', payload });
export const crashed: InvocationResult = { kind: 'failed', errorType: 'Error', errorMessage: 'crashed' };

/** A function that does what the test says and remembers its batches. */
export class ScriptedFunction implements LambdaInvoker {
  readonly batches: EventRecord[][] = [];
  readonly sources: unknown[] = [];
  readonly events: unknown[] = [];
  answer: (records: readonly EventRecord[]) => InvocationResult | Promise<InvocationResult> = () => answered();

  async invoke(_: string, event: unknown, source: unknown): Promise<InvocationResult> {
    const records = (event as { Records: EventRecord[] }).Records;
    this.batches.push(records);
    this.sources.push(source);
    this.events.push(event);
    return this.answer(records);
  }

  async invokeLater(): Promise<void> {
    throw new Error('An event source waits for its function.');
  }
}

export const functionArn = 'arn:aws:lambda:eu-central-1:000000000000:function:consumer';
export const roleArn = 'arn:aws:iam::000000000000:role/consumer';
