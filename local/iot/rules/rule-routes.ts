import type { Arns } from '../registry/arns.ts';
import { notFound } from '../registry/errors.ts';
import { answer, type Route, seconds } from '../registry/rest.ts';
import type { RuleAction } from './rule-definition.ts';
import type { RulesEngine } from './rules-engine.ts';

/** Rules are made by the template; an SDK reads them. */
export function ruleRoutes(rules: RulesEngine, arns: Arns): readonly Route[] {
  return [
    {
      name: 'GetTopicRule',
      method: 'GET',
      path: '/rules/{ruleName}',
      understand(call) {
        const ruleName = call.parameter('ruleName');
        return {
          permissions: [{ action: 'iot:GetTopicRule', resource: arns.rule(ruleName) }],
          run() {
            const rule = rules.find(ruleName);
            if (rule === undefined) throw notFound(`The rule ${ruleName} does not exist.`);
            const { description, sql, disabled, createdAt, actions, errorAction } = rule;
            return answer({
              ruleArn: arns.rule(ruleName),
              rule: {
                ruleName,
                sql,
                ...(description === undefined ? {} : { description }),
                createdAt: seconds(createdAt),
                actions: actions.map(described),
                ruleDisabled: disabled,
                awsIotSqlVersion: '2016-03-23',
                ...(errorAction === undefined ? {} : { errorAction: described(errorAction) }),
              },
            });
          },
        };
      },
    },
    {
      name: 'ListTopicRules',
      method: 'GET',
      path: '/rules',
      query: ['topic', 'maxResults', 'nextToken', 'ruleDisabled'],
      understand: (call) => ({
        permissions: [{ action: 'iot:ListTopicRules', resource: '*' }],
        run() {
          const topic = call.query('topic');
          const disabled = call.query('ruleDisabled') === undefined ? undefined : call.flag('ruleDisabled');
          const wanted = rules
            .list()
            .filter((rule) => topic === undefined || rule.topicPattern === topic)
            .filter((rule) => disabled === undefined || rule.disabled === disabled);
          const { items, next } = call.page(wanted, ({ ruleName }) => ruleName);
          const listed = items.map(({ ruleName, topicPattern, createdAt, disabled: ruleDisabled }) => ({
            ruleArn: arns.rule(ruleName),
            ruleName,
            ...(topicPattern === undefined ? {} : { topicPattern }),
            createdAt: seconds(createdAt),
            ruleDisabled,
          }));
          return answer({ rules: listed, ...next });
        },
      }),
    },
  ];
}

function described(action: RuleAction): object {
  switch (action.kind) {
    case 'lambda':
      return { lambda: { functionArn: action.functionArn } };
    case 'sqs':
      return { sqs: { queueUrl: action.queueUrl, roleArn: action.roleArn, useBase64: action.useBase64 } };
    case 'republish':
      return { republish: { topic: action.topic, qos: action.qos, roleArn: action.roleArn } };
  }
}
