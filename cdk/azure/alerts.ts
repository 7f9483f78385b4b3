import { z } from 'zod';
import { alarmWords } from '#functions/azure/alarm-words.ts';
import { armExpression, armResource, armText, parameter } from './arm-text.ts';
import { workspaceId } from './diagnostics.ts';
import { poisonQueueId, queueServiceId } from './storage-account.ts';

const types = { log: 'Microsoft.Insights/scheduledQueryRules', metric: 'Microsoft.Insights/metricAlerts' } as const;
const versions = { log: '2021-08-01', metric: '2018-03-01' } as const;

const ruleName = armText(/^[A-Za-z0-9][A-Za-z0-9-]{0,127}$/);
/** 0: everything stands still; 4: good to know. Source: "Alert severity" of Azure Monitor. */
const severity = z.int().min(0).max(4);
const minutes = z.enum(['PT5M', 'PT15M', 'PT30M', 'PT1H', 'PT6H', 'P1D']);
const someone = armExpression.regex(
  /parameters\('alarmGroup'\)/,
  "must tell the action group of the parameter 'alarmGroup'",
);

/** What either kind says: what it looks at, how often, and how bad it is. */
const asked = {
  description: z.string().min(1),
  severity,
  enabled: z.literal(true),
  scopes: z.array(armExpression).length(1),
  evaluationFrequency: minutes,
  windowSize: minutes,
};

export const logAlertSchema = armResource(types.log, versions.log, {
  name: ruleName,
  location: armExpression,
  kind: z.literal('LogAlert'),
  properties: z.strictObject({
    ...asked,
    criteria: z.strictObject({
      allOf: z
        .array(
          z.strictObject({
            query: z.string().regex(/^FunctionAppLogs \| /, 'must ask the log of the app'),
            timeAggregation: z.literal('Count'),
            operator: z.literal('GreaterThan'),
            threshold: z.int().min(0),
            failingPeriods: z.strictObject({
              numberOfEvaluationPeriods: z.int().min(1).max(6),
              minFailingPeriodsToAlert: z.int().min(1).max(6),
            }),
          }),
        )
        .length(1),
    }),
    autoMitigate: z.boolean(),
    skipQueryValidation: z.literal(true, { error: 'must be true: before the app has logged there is no such table' }),
    actions: z.strictObject({ actionGroups: someone }),
  }),
});

export const metricAlertSchema = armResource(types.metric, versions.metric, {
  name: ruleName,
  location: z.literal('global'),
  properties: z.strictObject({
    ...asked,
    criteria: z.strictObject({
      'odata.type': z.literal('Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'),
      allOf: z
        .array(
          z.strictObject({
            criterionType: z.literal('StaticThresholdCriterion'),
            name: z.string().min(1),
            metricNamespace: z.literal('Microsoft.Storage/storageAccounts/queueServices'),
            metricName: z.literal('QueueMessageCount'),
            operator: z.literal('GreaterThan'),
            threshold: z.int().min(0),
            timeAggregation: z.literal('Average'),
          }),
        )
        .length(1),
    }),
    autoMitigate: z.boolean(),
    actions: someone,
  }),
});

/** An empty `alarmGroup` means that nobody is told; the alarms stand in the portal all the same. */
const group = parameter('alarmGroup').slice(1, -1);
const told = (one: string) => `[if(empty(${group}), createArray(), createArray(${one}))]`;

/**
 * Rings when the app cannot do its work. What AWS hears of by itself (posts refused or failed, orders too late) rings
 * there.
 *
 * @param app what its rules are named by. @param logs the workspace
 */
export function alerts(app: string, logs: string) {
  const ofApp = { app, logs };
  return [
    logAlert(ofApp, 'refused', {
      says: 'The platform refuses the signature of every post: key or clock. Events wait for seven days',
      ...{ severity: 1, lines: beginning(alarmWords.refused), above: 0 },
    }),
    logAlert(ofApp, 'poison', {
      says: 'An event that nobody could take lies in device-events-poison, with its reason',
      ...{ severity: 2, lines: beginning(alarmWords.poison), above: 0 },
    }),
    logAlert(ofApp, 'failing', {
      says: 'The app fails again and again: the platform, a key of the vault or the event hub is out of reach',
      // One that fails and is carried out again is no reason to wake somebody.
      ...{ severity: 2, lines: "Level in ('Error', 'Critical')", above: 20 },
    }),
    poisonLies(app),
  ];
}

const beginning = (words: string) => `Message contains '${words}'`;

interface Trouble {
  readonly says: string;
  readonly severity: number;
  /** Which lines of the log count, and how many of them in a quarter of an hour are none too many. */
  readonly lines: string;
  readonly above: number;
}

function logAlert(of: { readonly app: string; readonly logs: string }, name: string, trouble: Trouble) {
  const workspace = workspaceId(of.logs);
  return {
    ...{ type: types.log, apiVersion: versions.log, name: `${of.app}-${name}`, location: parameter('location') },
    ...{ kind: 'LogAlert', dependsOn: [workspace] },
    properties: {
      ...{ description: trouble.says, severity: trouble.severity, enabled: true, scopes: [workspace] },
      ...{ evaluationFrequency: 'PT5M', windowSize: 'PT15M' },
      criteria: {
        allOf: [
          {
            query: `FunctionAppLogs | where ${trouble.lines}`,
            ...{ timeAggregation: 'Count', operator: 'GreaterThan', threshold: trouble.above },
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
          },
        ],
      },
      ...{ autoMitigate: true, skipQueryValidation: true, actions: { actionGroups: told(group) } },
    },
  } satisfies z.infer<typeof logAlertSchema>;
}

/** Rings on as long as something lies there: the line in the log is over after a quarter of an hour. */
function poisonLies(app: string) {
  return {
    ...{ type: types.metric, apiVersion: versions.metric, name: `${app}-poison-lies`, location: 'global' },
    dependsOn: [poisonQueueId],
    properties: {
      description: 'Something lies in device-events-poison: read it, mend the cause, delete it',
      ...{ severity: 3, enabled: true, scopes: [queueServiceId] },
      // Storage counts its messages once an hour.
      ...{ evaluationFrequency: 'PT1H', windowSize: 'PT6H' },
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria',
        allOf: [
          {
            ...{ criterionType: 'StaticThresholdCriterion', name: 'messages' },
            metricNamespace: 'Microsoft.Storage/storageAccounts/queueServices',
            ...{ metricName: 'QueueMessageCount', operator: 'GreaterThan', threshold: 0, timeAggregation: 'Average' },
          },
        ],
      },
      ...{ autoMitigate: true, actions: told(`createObject('actionGroupId', ${group})`) },
    },
  } satisfies z.infer<typeof metricAlertSchema>;
}
