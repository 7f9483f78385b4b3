import { expect, test } from 'vitest';
import { z } from 'zod';
import { alerts } from '#cdk/azure/alerts.ts';
import { homeTemplate } from '#cdk/azure/home-template.ts';
import { findingsIn } from '#cdk/azure/template-check.ts';

const whole = homeTemplate({
  ...{ name: 'vw-weu', hub: 'fleetloom-dev-weu.azure-devices.net', logDays: 30 },
  size: { sku: 'S1', units: 1 },
});
const rules = alerts('fleetloom-dev-weu-events', 'fleetloom-dev-weu-logs');
const [refused, poison, failing, lies] = rules;

test('somebody is told of a signature that is refused, of poison, and of an app that fails', () => {
  const asked = z.object({ criteria: z.object({ allOf: z.tuple([z.object({ query: z.string() })]) }) });
  const queryOf = (rule: object) => z.object({ properties: asked }).parse(rule).properties.criteria.allOf[0].query;
  expect([refused, poison, failing].map((rule) => queryOf(rule ?? {}))).toEqual([
    "FunctionAppLogs | where Message contains 'device events: signature refused'",
    "FunctionAppLogs | where Message contains 'device events: poison'",
    "FunctionAppLogs | where Level in ('Error', 'Critical')",
  ]);
  expect(lies).toMatchObject({
    properties: { criteria: { allOf: [{ metricName: 'QueueMessageCount', threshold: 0 }] } },
  });
  for (const rule of rules) expect(JSON.stringify(rule.properties.actions)).toContain("parameters('alarmGroup')");
});

test('a deployment always says whom alarms tell, so that none takes that back without a word', () => {
  expect(whole.parameters.alarmGroup).not.toHaveProperty('defaultValue');
});

test.each<[what: string, change: (rule: Record<string, unknown>) => unknown, place: string]>([
  ['an alarm that is off', (rule) => ({ ...rule, enabled: false }), 'properties.enabled'],
  ['an alarm of no severity', (rule) => ({ ...rule, severity: 5 }), 'properties.severity'],
  ['an alarm for nobody', (rule) => ({ ...rule, actions: { actionGroups: '[createArray()]' } }), 'alarmGroup'],
  ['an alarm that looks every second', (rule) => ({ ...rule, evaluationFrequency: 'PT1S' }), 'evaluationFrequency'],
  ['an alarm over nothing', (rule) => ({ ...rule, scopes: [] }), 'properties.scopes'],
  ['a query of another table', (rule) => other(rule, 'query', 'AppTraces | take 1'), 'query'],
  ['a threshold that nothing reaches', (rule) => other(rule, 'threshold', 0.5), 'threshold'],
  ['a table that must be there already', (rule) => ({ ...rule, skipQueryValidation: false }), 'skipQuery'],
])('%s is caught, and its place is named', (_, change, place) => {
  const resources = whole.resources.map((one) =>
    one.name === 'fleetloom-dev-weu-events-poison' ? { ...one, properties: change(properties(one)) } : one,
  );
  expect(findingsIn({ ...whole, resources }).join('\n')).toContain(place);
});

function properties(resource: object): Record<string, unknown> {
  return z.object({ properties: z.record(z.string(), z.unknown()) }).parse(resource).properties;
}

function other(rule: Record<string, unknown>, member: string, value: unknown) {
  const { allOf } = z.object({ allOf: z.tuple([z.looseObject({})]) }).parse(rule['criteria']);
  return { ...rule, criteria: { allOf: [{ ...allOf[0], [member]: value }] } };
}
