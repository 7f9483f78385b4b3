import { z } from 'zod';
import { armExpression, armResource, armText, inner, parameter, resourceId } from './arm-text.ts';

const type = 'Microsoft.ManagedIdentity/userAssignedIdentities';
const apiVersion = '2023-01-31';

/** Who something is in Entra ID, without a secret that anybody could take along. */
export const identitySchema = armResource(type, apiVersion, {
  name: armText(/^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$/),
  location: armExpression,
});

/** Whose tokens of another issuer count as this identity. */
export const federatedCredentialSchema = armResource(`${type}/federatedIdentityCredentials`, apiVersion, {
  name: armText(/^[A-Za-z0-9][A-Za-z0-9_-]{2,127}\/[A-Za-z0-9][A-Za-z0-9_-]{2,119}$/),
  condition: armExpression,
  properties: z.strictObject({
    issuer: armText(/^https:\/\/[^\s?#]+$/),
    subject: armText(/^\S{1,600}$/),
    audiences: z.tuple([
      z.literal('api://AzureADTokenExchange', { error: 'must be the audience that Entra ID exchanges tokens of' }),
    ]),
  }),
});

export type Identity = z.infer<typeof identitySchema>;

export function identity(name: string): Identity {
  return { type, apiVersion, name, location: parameter('location') };
}

export function identityId(name: string): string {
  return resourceId(type, name);
}

/** For role assignments: principal, not client. */
export function principalIdOf(name: string): string {
  return `[reference(${inner(identityId(name))}, '${apiVersion}').principalId]`;
}

export function clientIdOf(name: string): string {
  return `[reference(${inner(identityId(name))}, '${apiVersion}').clientId]`;
}

/** As resources say who they are. */
export function usedIdentity(name: string) {
  return { type: 'UserAssigned' as const, userAssignedIdentities: { [identityId(name)]: {} } };
}

export const usedIdentitySchema = z.strictObject({
  type: z.literal('UserAssigned'),
  userAssignedIdentities: z.record(armExpression, z.strictObject({})),
});

/** One of its AWS roles each; a role that is not known yet is left out, and added by a later deployment. */
export function federatedCredentials(identityName: string, roles: Readonly<Record<string, string>>) {
  const names = Object.keys(roles);
  return Object.entries(roles).map(([name, role], at) => {
    // The service takes one change of an identity's credentials at a time.
    const before = names.slice(0, at).slice(-1);
    return {
      ...{ type: `${type}/federatedIdentityCredentials` as const, apiVersion: apiVersion as typeof apiVersion },
      ...{ name: `${identityName}/${name}`, condition: `[not(empty(parameters('${role}')))]` },
      dependsOn: [
        identityId(identityName),
        ...before.map((other) => resourceId(`${type}/federatedIdentityCredentials`, identityName, other)),
      ],
      properties: {
        issuer: parameter('tokenIssuer'),
        subject: parameter(role),
        audiences: ['api://AzureADTokenExchange'] as ['api://AzureADTokenExchange'],
      },
    } satisfies z.infer<typeof federatedCredentialSchema>;
  });
}
