import { AsyncLocalStorage } from 'node:async_hooks';
import type { Permission, Principal } from '#local/iam/principal.ts';
import type { LambdaInvoker } from '#local/lambda/invoker.ts';
import type { Broker } from '../broker/broker.ts';
import type { Roles } from '../provisioning/roles.ts';
import type { Arns } from '../registry/arns.ts';
import type { RuleMessage } from '../sql/sql-function.ts';
import { compileTemplate, type SubstitutionTemplate } from '../sql/template.ts';
import type { ActionFailure, LambdaAction, RepublishAction, RuleAction, SqsAction } from './rule-definition.ts';

/** Puts a message into a queue, for a role. Rejects when the queue does not take it. */
export interface QueueSender {
  send(
    sender: { readonly kind: 'principal'; readonly principal: Principal },
    queueUrl: string,
    body: string,
  ): Promise<unknown>;
}

export interface ActionPorts {
  readonly lambda: LambdaInvoker;
  readonly queues: QueueSender;
  readonly broker: Pick<Broker, 'submit'>;
  readonly roles: Roles;
  readonly arns: Arns;
}

/** The result of the SELECT: bytes when a payload was passed on that is not JSON. */
export type Output = Buffer | { readonly json: unknown };

/** An action of one rule, ready to run. It throws when it fails. */
export interface ReadyAction {
  readonly failedAction: ActionFailure['failedAction'];
  readonly failedResource: string;
  run(output: Output, message: RuleMessage): Promise<void>;
}

const service = 'iot.amazonaws.com';
const mostHops = 5;
const hops = new AsyncLocalStorage<number>();

/** Throws on a substitution template that is not understood. */
export function readyAction(action: RuleAction, ruleName: string, ports: ActionPorts): ReadyAction {
  const ruleArn = ports.arns.rule(ruleName);
  switch (action.kind) {
    case 'lambda':
      return lambdaAction(action, ruleArn, ports);
    case 'sqs':
      return sqsAction(action, ruleArn, ports);
    case 'republish':
      return republishAction(action, ruleArn, ports);
  }
}

function lambdaAction({ functionArn }: LambdaAction, sourceArn: string, { lambda }: ActionPorts): ReadyAction {
  return {
    failedAction: 'LambdaAction',
    failedResource: functionArn,
    async run(output) {
      if (Buffer.isBuffer(output)) throw new Error('A function takes JSON, and the payload is none: encode it.');
      await lambda.invokeLater(functionArn, output.json, { kind: 'service', principal: service, sourceArn });
    },
  };
}

function sqsAction({ queueUrl, roleArn, useBase64 }: SqsAction, ruleArn: string, ports: ActionPorts): ReadyAction {
  const resource = queueArn(queueUrl, ports.arns);
  return {
    failedAction: 'SqsAction',
    failedResource: queueUrl,
    async run(output) {
      const principal = permitted(ports.roles, roleArn, ruleArn, { action: 'sqs:SendMessage', resource });
      const body = bytesOf(output).toString(useBase64 ? 'base64' : 'utf8');
      await ports.queues.send({ kind: 'principal', principal }, queueUrl, body);
    },
  };
}

function republishAction(action: RepublishAction, ruleArn: string, ports: ActionPorts): ReadyAction {
  const { qos, roleArn } = action;
  // A reserved topic is written `$$aws/…`, since `$` begins a substitution.
  const topicTemplate: SubstitutionTemplate = compileTemplate(action.topic.replace(/^\$\$/, '$'));
  return {
    failedAction: 'RepublishAction',
    failedResource: action.topic,
    async run(output, message) {
      const topic = topicTemplate.fill(message);
      if (topic === undefined) throw new Error(`The topic ${action.topic} has a part without a value.`);
      permitted(ports.roles, roleArn, ruleArn, { action: 'iot:Publish', resource: ports.arns.topic(topic) });
      const hop = (hops.getStore() ?? 0) + 1;
      // AWS lets rules that feed each other run for ever and sends the bill.
      if (hop > mostHops) throw new Error(`The message was republished ${mostHops} times: rules run in a circle.`);
      await hops.run(hop, () => ports.broker.submit(topic, bytesOf(output), { qos }));
    },
  };
}

function permitted(roles: Roles, roleArn: string, ruleArn: string, permission: Permission): Principal {
  const role = roles.assume(roleArn, service, { 'aws:SourceArn': ruleArn });
  roles.authorize(role, [permission]);
  return role;
}

function bytesOf(output: Output): Buffer {
  return Buffer.isBuffer(output) ? output : Buffer.from(JSON.stringify(output.json));
}

/** `http://127.0.0.1:4566/000000000000/telemetry` → `arn:aws:sqs:<region>:000000000000:telemetry`. */
function queueArn(queueUrl: string, arns: Arns): string {
  const [accountId, queueName, ...rest] = new URL(queueUrl).pathname.split('/').slice(1);
  if (accountId === undefined || queueName === undefined || rest.length > 0) {
    throw new Error(`${queueUrl} is no queue URL.`);
  }
  return `arn:aws:sqs:${arns.region}:${accountId}:${queueName}`;
}
