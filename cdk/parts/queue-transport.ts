import { Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnQueuePolicy, type Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export function plainHttpRefused(resource: string): PolicyStatement {
  return new PolicyStatement({
    ...{ effect: Effect.DENY, principals: [new AnyPrincipal()], actions: ['sqs:*'], resources: [resource] },
    conditions: { Bool: { 'aws:SecureTransport': 'false' } },
  });
}

/**
 * One policy for all queues of a stack that need none of their own: `enforceSSL` makes one for each, and a stack holds 500
 * resources at the most.
 */
export class QueueTransport extends Construct {
  readonly #policy: CfnQueuePolicy;

  private constructor(stack: Stack) {
    super(stack, 'QueueTransport');
    this.#policy = new CfnQueuePolicy(this, 'Policy', {
      queues: [],
      // SQS reads it with the queue to which it belongs.
      policyDocument: new PolicyDocument({ statements: [plainHttpRefused('*')] }),
    });
  }

  static of(scope: Construct): QueueTransport {
    const stack = Stack.of(scope);
    const known = stack.node.tryFindChild('QueueTransport');
    return known instanceof QueueTransport ? known : new QueueTransport(stack);
  }

  guard({ queueUrl }: Queue): void {
    this.#policy.queues = [...this.#policy.queues, queueUrl];
  }

  /** It has a policy of its own from now on. */
  release({ queueUrl }: Queue): void {
    this.#policy.queues = this.#policy.queues.filter((url) => url !== queueUrl);
  }
}
