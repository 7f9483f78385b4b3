import { z } from 'zod';
import { always, armExpression, armResource, inner } from './arm-text.ts';
import { identityId, principalIdOf } from './identities.ts';

const type = 'Microsoft.Authorization/roleAssignments';
const apiVersion = '2022-04-01';

/** Source: "Azure built-in roles". Of each service the narrowest that holds what is done there. */
export const builtInRoles = {
  /** The hub has no narrower one with direct methods and queued messages in it. */
  iotHubDataContributor: '4fc6c259-987e-4a07-842e-c321cc9d413f',
  eventHubsDataSender: '2b629674-e913-4c01-ae53-ef4638d8f975',
  eventHubsDataReceiver: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde',
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  /** The host's own leases and keys want the owner's. */
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fe88',
} as const;
export type BuiltInRole = keyof typeof builtInRoles;

const definition = (role: BuiltInRole) =>
  `[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '${builtInRoles[role]}')]`;
const known: readonly string[] = Object.keys(builtInRoles)
  .filter((name): name is BuiltInRole => Object.hasOwn(builtInRoles, name))
  .map(definition);

export const roleAssignmentSchema = armResource(type, apiVersion, {
  name: armExpression,
  scope: armExpression.regex(
    /^\[resourceId\(/,
    'must be one resource: a role over a whole group opens what comes later',
  ),
  properties: z.strictObject({
    roleDefinitionId: z
      .string()
      .refine((id) => known.includes(id), { error: 'is a role that nothing here needs (Owner, Contributor, …)' }),
    principalId: armExpression,
    principalType: always('ServicePrincipal', 'identities alone, no people'),
  }),
});

/** @param scope id of the resource on which, and on nothing else, the identity may do what the role has */
export function roleAssignment(identityName: string, role: BuiltInRole, scope: string) {
  return {
    ...{ type, apiVersion, scope },
    // The same assignment has the same name whenever it is deployed; another name would be refused as a second one.
    name: `[guid(${inner(scope)}, ${inner(identityId(identityName))}, '${builtInRoles[role]}')]`,
    dependsOn: [scope, identityId(identityName)],
    properties: {
      roleDefinitionId: definition(role),
      principalId: principalIdOf(identityName),
      principalType: 'ServicePrincipal',
    },
  } satisfies z.infer<typeof roleAssignmentSchema>;
}

/** By which others wait for the role before they use it. */
export function roleAssignmentId(identityName: string, role: BuiltInRole, scope: string): string {
  const { name } = roleAssignment(identityName, role, scope);
  return `[extensionResourceId(${inner(scope)}, '${type}', ${inner(name)})]`;
}
