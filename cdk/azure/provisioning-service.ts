import { z } from 'zod';
import { always, armExpression, armResource, armText, parameter, resourceId } from './arm-text.ts';
import { identityId, usedIdentity, usedIdentitySchema } from './identities.ts';
import { iotHubId } from './iot-hub.ts';
import { roleAssignmentId } from './role-assignment.ts';

const type = 'Microsoft.Devices/provisioningServices';
/** The first stable one in which a linked hub is reached by an identity. */
const apiVersion = '2026-08-31';

const noKeys = 'identities alone, no keys that could be copied';

export const provisioningServiceSchema = armResource(type, apiVersion, {
  name: armText(/^(?!-)[a-zA-Z0-9-]{2,63}[a-zA-Z0-9]$/),
  location: armExpression,
  sku: z.strictObject({ name: z.literal('S1'), capacity: z.literal(1) }),
  identity: usedIdentitySchema,
  properties: z.strictObject({
    disableLocalAuth: always(true, noKeys),
    publicNetworkAccess: z.enum(['Enabled', 'Disabled']),
    allocationPolicy: z.enum(['Hashed', 'GeoLatency', 'Static']),
    iotHubs: z
      .array(
        z.strictObject({
          hostName: z.string().regex(/^[a-z0-9-]{3,50}\.azure-devices\.(net|cn|us)$/),
          location: armExpression,
          authenticationType: always('UserAssigned', noKeys),
          selectedUserAssignedIdentityResourceId: armExpression,
          applyAllocationPolicy: z.boolean(),
          allocationWeight: z.int().min(1).max(1000),
        }),
      )
      .min(1)
      .max(50),
  }),
});

export function provisioningServiceId(name: string): string {
  return resourceId(type, name);
}

/**
 * The service knows the hub; that the platform's registry decides who comes there stands in the enrollment group, which
 * is data and no resource (docs/azure.md).
 *
 * @param name the hub's, and its own. @param writer the identity by which it makes devices at the hub
 */
export function provisioningService(name: string, hubHostName: string, writer: string) {
  return {
    ...{ type, apiVersion, name, location: parameter('location') },
    sku: { name: 'S1', capacity: 1 },
    identity: usedIdentity(writer),
    dependsOn: [
      ...[identityId(writer), iotHubId(name)],
      roleAssignmentId(writer, 'iotHubDataContributor', iotHubId(name)),
    ],
    properties: {
      ...{ disableLocalAuth: true, publicNetworkAccess: 'Enabled', allocationPolicy: 'Static' },
      iotHubs: [
        {
          ...{ hostName: hubHostName, location: parameter('location'), authenticationType: 'UserAssigned' },
          selectedUserAssignedIdentityResourceId: identityId(writer),
          ...{ applyAllocationPolicy: true, allocationWeight: 1 },
        },
      ],
    },
  } satisfies z.infer<typeof provisioningServiceSchema>;
}
