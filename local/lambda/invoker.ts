/** Who calls a function, for the check of its `AWS::Lambda::Permission`. */
export type InvocationSource =
  | { readonly kind: 'service'; readonly principal: string; readonly sourceArn: string }
  | { readonly kind: 'event-source'; readonly eventSourceArn: string };

/** What a function answered. `failure` is what Lambda reports as `FunctionError`. */
export type InvocationResult =
  | { readonly kind: 'answered'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly errorType: string; readonly errorMessage: string };

/** The port through which rules, hooks, queues, streams and routes reach functions. */
export interface LambdaInvoker {
  /** Waits for the answer (RequestResponse). Throws `AwsError` AccessDeniedException without permission. */
  invoke(functionArn: string, event: unknown, source: InvocationSource): Promise<InvocationResult>;
  /** Queues the event (Event): two retries, then the function's failure destination or dead-letter queue. */
  invokeLater(functionArn: string, event: unknown, source: InvocationSource): Promise<void>;
}
