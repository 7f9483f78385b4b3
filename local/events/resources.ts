import { z } from 'zod';
import type { ResourceType } from '#local/template/resource-type.ts';
import type { EventBuses } from './event-bus.ts';
import { compilePattern } from './event-pattern.ts';
import type { BusEvent, Target } from './rule.ts';
import { parseSchedule } from './schedule.ts';

const busProperties = z.strictObject({
  Name: z.string().regex(/^[\w./-]{1,256}$/),
  Description: z.string().optional(),
  DeadLetterConfig: z.unknown().optional(),
  KmsKeyIdentifier: z.string().optional(),
  Tags: z.unknown().optional(),
});

const target = z.strictObject({
  Id: z.string(),
  Arn: z.string().regex(/^arn:aws:(sqs|lambda):/, 'the local cloud knows targets in SQS and Lambda'),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  RetryPolicy: z
    .strictObject({
      MaximumRetryAttempts: z.coerce.number().int().min(0).max(185).optional(),
      MaximumEventAgeInSeconds: z.coerce.number().int().min(60).max(86_400).optional(),
    })
    .optional(),
});

const ruleProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  EventBusName: z.string().default('default'),
  EventPattern: z.unknown().optional(),
  ScheduleExpression: z.string().optional(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(target).default([]),
  Tags: z.unknown().optional(),
});

/** `AWS::Events::EventBus` and `AWS::Events::Rule`. */
export function eventResources(buses: EventBuses): ResourceType[] {
  return [
    {
      type: 'AWS::Events::EventBus',
      create(properties) {
        const { Name: name } = explained('event bus', busProperties.safeParse(properties));
        buses.addBus(name);
        return { ref: name, attributes: { Arn: buses.busArn(name), Name: name } };
      },
    },
    {
      type: 'AWS::Events::Rule',
      create(properties, { physicalName }) {
        const rule = explained('rule', ruleProperties.safeParse(properties));
        const name = rule.Name ?? physicalName;
        const busName = rule.EventBusName.slice(rule.EventBusName.lastIndexOf('/') + 1);
        if (!buses.hasBus(busName))
          throw new Error(`The rule ${name} stands on a bus "${busName}" that does not exist.`);
        const arn = buses.ruleArn(busName, name);
        const pattern = rule.EventPattern === undefined ? undefined : compilePattern(rule.EventPattern);
        const schedule = rule.ScheduleExpression === undefined ? undefined : parseSchedule(rule.ScheduleExpression);
        if (pattern === undefined && schedule === undefined) {
          throw new Error(`The rule ${name} has neither an EventPattern nor a ScheduleExpression.`);
        }
        if (rule.State === 'ENABLED') {
          buses.addRule({ name, arn, busName, pattern, schedule, targets: rule.Targets.map(parseTarget) });
        }
        return { ref: busName === 'default' ? name : `${busName}|${name}`, attributes: { Arn: arn } };
      },
    },
  ];
}

function parseTarget({ Id, Arn, Input, InputPath, DeadLetterConfig, RetryPolicy }: z.infer<typeof target>): Target {
  return {
    id: Id,
    arn: Arn,
    input: targetInput(Input, InputPath),
    deadLetterArn: DeadLetterConfig?.Arn,
    maximumRetries: RetryPolicy?.MaximumRetryAttempts ?? 185,
    maximumAgeSeconds: RetryPolicy?.MaximumEventAgeInSeconds ?? 86_400,
  };
}

function targetInput(input: string | undefined, path: string | undefined): Target['input'] {
  if (input !== undefined) {
    const constant: unknown = JSON.parse(input);
    return () => constant;
  }
  if (path === undefined || path === '$') return (event) => event;
  if (!/^\$(\.[\w-]+)+$/.test(path)) throw new Error(`The local cloud does not understand the InputPath "${path}".`);
  const steps = path.split('.').slice(1);
  return (event: BusEvent) => steps.reduce<unknown>((value, step) => Object(value)[step], event) ?? null;
}

function explained<T>(what: string, result: z.ZodSafeParseResult<T>): T {
  if (result.success) return result.data;
  throw new Error(`The local cloud does not understand this ${what}: ${z.prettifyError(result.error)}`);
}
