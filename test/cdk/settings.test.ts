import { App } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { settingsFrom } from '#cdk/settings.ts';
import { localHome } from '#local/azure/local-home.ts';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { deployed, ofType } from './stacks.ts';

function settings(context: Readonly<Record<string, unknown>>) {
  return settingsFrom(new App({ analyticsReporting: false, context: { ...cdkJson.context, ...context } }).node);
}

test('the context of cdk.json is a complete set of settings', () => {
  expect(settings({})).toMatchObject({ stage: 'dev', region: 'eu-central-1', alarmEmail: undefined, historyDays: 90 });
});

test('what the command line says as text is read as what it means', () => {
  const said = settings({ historyDays: '30', brands: '[{"slug":"mini","name":"MINI"}]' });
  expect(said.historyDays).toBe(30);
  expect(said.brands).toEqual([{ slug: 'mini', name: 'MINI' }]);
});

test('evidence is kept for fifteen years by a lock that nobody lifts, unless the stage is one for trials', () => {
  expect(settings({ stage: 'prod' }).evidenceLock).toEqual({ mode: 'compliance', days: 5479 });
  expect(settings({}).evidenceLock).toEqual({ mode: 'governance', days: 7 });
  const said = settings({ stage: 'prod', evidenceLock: '{"mode":"compliance","days":7305}' });
  expect(said.evidenceLock).toEqual({ mode: 'compliance', days: 7305 });
});

test.each([
  [{ stage: 'Prod!' }, 'stage'],
  [{ stage: undefined }, 'stage'],
  [{ stage: 'onaws' }, 'stage'],
  [{ region: 'Frankfurt' }, 'region'],
  [{ iotEndpoint: 'https://example.com' }, 'iotEndpoint'],
  [{ alarmEmail: 'nobody' }, 'alarmEmail'],
  [{ historyDays: 0 }, 'historyDays'],
  [{ callbackUrls: [] }, 'callbackUrls'],
  [{ callbackUrls: ['http://app.example/callback'] }, 'callbackUrls'],
  [{ callbackUrls: ['https://app.example/#signed-in'] }, 'callbackUrls'],
  [{ logDays: 2.5 }, 'logDays'],
  [{ logDays: 31 }, 'logDays'],
  [{ evidenceLock: { mode: 'none', days: 7 } }, 'evidenceLock'],
  [{ evidenceLock: { mode: 'compliance', days: 0 } }, 'evidenceLock'],
  [{ clientQuota: { rate: 0, burst: 10 } }, 'clientQuota'],
  [{ personQuota: '{"rate":5}' }, 'personQuota'],
  [{ homes: 'vw' }, 'JSON'],
  [{ homes: {} }, 'homes'],
  [{ homes: [{ ...localHome, name: 'VW' }] }, 'homes.name'],
  [{ homes: [{ ...localHome, name: 'first' }] }, 'homes.name'],
  [{ homes: [{ ...localHome, brands: ['lada'] }] }, 'homes.brands'],
  [{ homes: [{ ...localHome, hub: 'localhost' }] }, 'homes.hub'],
  [{ homes: [{ ...localHome, scope: '1' }] }, 'homes.scope'],
  [{ homes: [{ ...localHome, tenantId: 'audi' }] }, 'homes.tenantId'],
  [{ homes: [localHome, { ...localHome, hub: 'other.azure-devices.net' }] }, 'the name vw-weu twice'],
  [{ homes: [localHome, { ...localHome, name: 'vw-neu' }] }, `the hub ${localHome.hub} twice`],
  [{ homes: [{ ...localHome, brands: ['audi', 'audi'] }] }, 'a brand twice'],
  [{ brands: [] }, 'brands'],
  [{ brands: [{ slug: 'Škoda', name: 'Škoda' }] }, 'brands.slug'],
  [{ brands: [{ slug: 'mini' }] }, 'brands.name'],
  [
    {
      brands: [
        { slug: 'mini', name: 'MINI' },
        { slug: 'mini', name: 'Mini' },
      ],
    },
    'twice',
  ],
])('a setting that cannot be used is named: %j', (context, named) => {
  expect(() => settings(context)).toThrow(named);
});

test("the functions call AWS IoT's data plane at the account's own endpoint, where it is named", () => {
  const endpointsFor = (context: Readonly<Record<string, unknown>>) =>
    ofType(deployed(context), 'AWS::Lambda::Function').map(({ Properties }) => {
      const { Variables } = z
        .object({ Variables: z.looseObject({ AWS_ENDPOINT_URL_IOT_DATA_PLANE: z.string().optional() }) })
        .parse(Properties['Environment']);
      return Variables.AWS_ENDPOINT_URL_IOT_DATA_PLANE;
    });
  const iotEndpoint = 'a1b2c3d4e5f6g7-ats.iot.eu-central-1.amazonaws.com';
  expect(new Set(endpointsFor({ iotEndpoint }))).toEqual(new Set([`https://${iotEndpoint}`]));
  expect(new Set(endpointsFor({}))).toEqual(new Set([undefined]));
});

test('two stages share an account: no fixed name of one stands in the other', () => {
  const fixed = ['ThingGroupName', 'PolicyName', 'TemplateName', 'RuleName', 'QueueName', 'FunctionName', 'TopicName'];
  const names = (stage: string) =>
    deployed({ stage })
      .filter(({ Type }) => Type !== 'AWS::IAM::Policy')
      .flatMap(({ Properties }) =>
        fixed.flatMap((key) => (typeof Properties[key] === 'string' ? [Properties[key]] : [])),
      );
  const test = new Set(names('test'));
  expect(test.size).toBeGreaterThan(40);
  expect(names('prod').filter((name) => test.has(name))).toEqual([]);
});

test('a brand of the context becomes a thing group, and the API knows it', () => {
  const resources = deployed({ brands: [{ slug: 'skoda', name: 'Škoda' }] });
  const groups = ofType(resources, 'AWS::IoT::ThingGroup').map(({ Properties }) => Properties['ThingGroupName']);
  expect(groups).toEqual(['fleetloom-dev-vehicles', 'fleetloom-dev-brand-skoda']);
  const api = ofType(resources, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties['FunctionName'] === 'fleetloom-dev-api',
  );
  expect(JSON.stringify(api?.Properties)).toContain('"BRANDS":"skoda"');
});

const home = { name: 'vw-weu', brands: ['audi'], hub: 'fleetloom-dev.azure-devices.net', scope: '0ne0000AB12' };
const directory = {
  tenantId: '7f0c2a54-6c1e-4a83-9d0b-2f6f1f9b7a11',
  clientId: '2b9d5f7e-3a40-4c7a-8e52-6d1c0a9e4f22',
};

test('a brand that is more than one hub takes may be at home in several', () => {
  const second = { ...localHome, name: 'vw-neu', hub: 'other.azure-devices.net' };
  expect(settings({ homes: [localHome, second] }).homes.map(({ brands }) => brands)).toEqual([['audi'], ['audi']]);
});

test('a hub is as small as can be unless somebody says otherwise, and no larger than there are', () => {
  const sized = (more: object) => settings({ homes: [{ ...home, ...directory, ...more }] }).homes[0];
  expect(sized({})).toMatchObject({ sku: 'S1', units: 1 });
  expect(sized({ sku: 'S3', units: 10 })).toMatchObject({ sku: 'S3', units: 10 });
  expect(() => sized({ sku: 'S9' })).toThrow('homes.sku');
  expect(() => sized({ sku: 'S3', units: 11 })).toThrow('homes.units');
});
