export interface RuleDefinition {
  readonly ruleName: string;
  readonly description?: string;
  readonly sql: string;
  readonly disabled: boolean;
  readonly actions: readonly RuleAction[];
  /** Runs once for a message whose actions failed, whatever their number. */
  readonly errorAction?: RuleAction;
}

export type RuleAction = LambdaAction | SqsAction | RepublishAction;

export interface LambdaAction {
  readonly kind: 'lambda';
  readonly functionArn: string;
}

export interface SqsAction {
  readonly kind: 'sqs';
  readonly queueUrl: string;
  readonly roleArn: string;
  readonly useBase64: boolean;
}

export interface RepublishAction {
  readonly kind: 'republish';
  /** May hold substitution templates; a reserved topic is written with `$$`. */
  readonly topic: string;
  readonly qos: 0 | 1;
  readonly roleArn: string;
}

/** What an error action is given (AWS IoT Developer Guide, rule error handling). */
export interface RuleFailure {
  readonly ruleName: string;
  readonly topic: string;
  readonly cloudwatchTraceId: string;
  readonly clientId: string;
  readonly base64OriginalPayload: string;
  readonly failures: readonly ActionFailure[];
}

export interface ActionFailure {
  readonly failedAction: 'LambdaAction' | 'SqsAction' | 'RepublishAction';
  readonly failedResource: string;
  readonly errorMessage: string;
}
