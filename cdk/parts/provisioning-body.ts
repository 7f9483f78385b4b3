import { provisionTopic, type RuleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
import type { DeviceCloudNames } from '../names.ts';

/** Stands for the vehicle while its topics are taken apart; no topic holds it otherwise. */
const placeholder = '<vehicle>';
const vehicle = { Ref: 'VehicleId' };

/**
 * The body of the fleet-provisioning template. AWS IoT evaluates it once a vehicle, after the hook: the
 * vehicle sends `Vin`, the hook adds `VehicleId` and `Brand`. The VIN is personal data and goes no further.
 */
export function provisioningBody(names: DeviceCloudNames, rules: RuleNames): string {
  return JSON.stringify({
    Parameters: {
      Vin: { Type: 'String' },
      VehicleId: { Type: 'String' },
      Brand: { Type: 'String' },
      'AWS::IoT::Certificate::Id': { Type: 'String' },
    },
    Resources: {
      thing: {
        Type: 'AWS::IoT::Thing',
        Properties: {
          ThingName: vehicle,
          ThingTypeName: names.thingType,
          AttributePayload: { brand: { Ref: 'Brand' } },
          ThingGroups: [names.allVehicles, { 'Fn::Join': ['', [names.brandPrefix, { Ref: 'Brand' }]] }],
        },
        // A vehicle whose reservation lapsed comes back with another certificate: its thing is there already.
        OverrideSettings: { AttributePayload: 'REPLACE', ThingTypeName: 'REPLACE', ThingGroups: 'MERGE' },
      },
      ...certificateWithPolicies(names),
    },
    DeviceConfiguration: deviceConfiguration(names, rules),
  });
}

/**
 * The body by which a vehicle that is connected as itself changes its certificate. Its thing is there: with
 * `DO_NOTHING` it is left as it is ("Provisioning templates", Resources section, Override settings) and only gets one
 * more certificate. The hook says `VehicleId`; what the vehicle says of itself is overridden by it.
 */
export function rotationBody(names: DeviceCloudNames, rules: RuleNames): string {
  return JSON.stringify({
    Parameters: { VehicleId: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
    Resources: {
      thing: {
        Type: 'AWS::IoT::Thing',
        Properties: { ThingName: vehicle },
        OverrideSettings: { AttributePayload: 'DO_NOTHING', ThingTypeName: 'DO_NOTHING', ThingGroups: 'DO_NOTHING' },
      },
      ...certificateWithPolicies(names),
    },
    DeviceConfiguration: deviceConfiguration(names, rules),
  });
}

function certificateWithPolicies({ messagesPolicy, shadowsPolicy, updatesPolicy }: DeviceCloudNames) {
  return {
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'ACTIVE' },
    },
    messages: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: messagesPolicy } },
    shadows: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: shadowsPolicy } },
    updates: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: updatesPolicy } },
  };
}

/** The topics a vehicle is told, each a join around its own id. */
function deviceConfiguration(names: DeviceCloudNames, rules: RuleNames): Record<string, unknown> {
  const topics = { ...vehicleTopics(placeholder, rules), rotationTopic: provisionTopic(names.rotationTemplate) };
  return Object.fromEntries(
    Object.entries(topics).map(([field, topic]: [string, string]) => {
      const pieces = topic.split(placeholder);
      return [field, { 'Fn::Join': ['', pieces.flatMap((piece, at) => (at === 0 ? [piece] : [vehicle, piece]))] }];
    }),
  );
}
