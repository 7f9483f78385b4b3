import { expect, test } from 'vitest';
import { z } from 'zod';
import { provisionTopic, ruleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
import { deployed, ofType } from './stacks.ts';

const templates = ofType(deployed(), 'AWS::IoT::ProvisioningTemplate');

const bodySchema = z.object({
  Parameters: z.record(z.string(), z.object({ Type: z.literal('String') })),
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()),
      OverrideSettings: z.unknown().optional(),
    }),
  ),
  DeviceConfiguration: z.record(z.string(), z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) })),
});

function bodyOf(name: string) {
  const template = templates.find(({ Properties }) => Properties['TemplateName'] === name);
  return bodySchema.parse(JSON.parse(z.string().parse(template?.Properties['TemplateBody'])));
}

const body = bodyOf('fleetloom-dev-vehicles');
const rotation = bodyOf('fleetloom-dev-rotation');

/** What AWS IoT makes of a join when the hook has said `VehicleId`. */
function evaluated(pieces: readonly unknown[], vehicleId: string): string {
  return pieces
    .map((piece) =>
      typeof piece === 'string' ? piece : z.object({ Ref: z.literal('VehicleId') }).parse(piece) && vehicleId,
    )
    .join('');
}

test('nothing is made before the hook has admitted the vehicle', () => {
  expect(templates).toHaveLength(2);
  for (const { Properties } of templates) {
    expect(Properties).toMatchObject({
      Enabled: true,
      TemplateType: 'FLEET_PROVISIONING',
      PreProvisioningHook: { PayloadVersion: '2020-04-01' },
    });
  }
});

test('a vehicle is told exactly the topics that the rest of the platform uses', () => {
  const topics = vehicleTopics('veh-abc', ruleNames('dev'));
  for (const { DeviceConfiguration } of [body, rotation]) {
    const told = Object.entries(DeviceConfiguration).map(([field, { 'Fn::Join': join }]) => [
      field,
      evaluated(join[1], 'veh-abc'),
    ]);
    expect(Object.fromEntries(told)).toEqual({ ...topics, rotationTopic: provisionTopic('fleetloom-dev-rotation') });
  }
});

test('a change of certificate leaves the thing as it is, and the certificate gets the same policies', () => {
  expect(rotation.Resources['thing']).toMatchObject({
    Properties: { ThingName: { Ref: 'VehicleId' } },
    OverrideSettings: { AttributePayload: 'DO_NOTHING', ThingTypeName: 'DO_NOTHING', ThingGroups: 'DO_NOTHING' },
  });
  const { thing: _, ...others } = rotation.Resources;
  expect(body.Resources).toMatchObject(others);
  expect(Object.keys(others)).toEqual(['certificate', 'messages', 'shadows', 'updates']);
});

test('the VIN ends at the hook: neither thing nor configuration carries it', () => {
  expect(Object.keys(body.Parameters)).toContain('Vin');
  expect(JSON.stringify([body.Resources, body.DeviceConfiguration])).not.toContain('Vin');
});

test('a vehicle that comes back with another certificate finds its thing and takes it over', () => {
  expect(body.Resources['thing']?.OverrideSettings).toEqual({
    AttributePayload: 'REPLACE',
    ThingTypeName: 'REPLACE',
    ThingGroups: 'MERGE',
  });
});

test('the certificate gets the three device policies, by the names that the stack gives them', () => {
  const attached = Object.values(body.Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::IoT::Policy' ? [Properties['PolicyName']] : [],
  );
  const made = ofType(deployed(), 'AWS::IoT::Policy').map(({ Properties }) => Properties['PolicyName']);
  expect(made).toEqual(expect.arrayContaining(attached));
  expect(attached).toEqual([
    'fleetloom-dev-vehicle-messages',
    'fleetloom-dev-vehicle-shadows',
    'fleetloom-dev-vehicle-updates',
  ]);
});

test('the body fits the 10,240 characters that AWS IoT takes', () => {
  expect(JSON.stringify(body).length).toBeLessThan(10_240);
});
