import { type RuleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
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
      certificate: {
        Type: 'AWS::IoT::Certificate',
        Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'ACTIVE' },
      },
      messages: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: names.messagesPolicy } },
      shadows: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: names.shadowsPolicy } },
    },
    DeviceConfiguration: deviceConfiguration(rules),
  });
}

/** The topics a vehicle is told, each a join around its own id. */
function deviceConfiguration(rules: RuleNames): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(vehicleTopics(placeholder, rules)).map(([field, topic]: [string, string]) => {
      const pieces = topic.split(placeholder);
      return [field, { 'Fn::Join': ['', pieces.flatMap((piece, at) => (at === 0 ? [piece] : [vehicle, piece]))] }];
    }),
  );
}
