import { z } from 'zod';
import { always, armExpression, armResource, armText, joined, parameter, resourceId, variable } from './arm-text.ts';

const type = 'Microsoft.KeyVault/vaults';
const apiVersion = '2023-07-01';
const name = variable('vaultName');

export const keyVaultSchema = armResource(type, apiVersion, {
  name: armText(/^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/),
  location: armExpression,
  properties: z.strictObject({
    tenantId: armExpression,
    sku: z.strictObject({ family: z.literal('A'), name: z.enum(['standard', 'premium']) }),
    enableRbacAuthorization: always(true, 'access policies would let a contributor help themselves'),
    enablePurgeProtection: always(true, 'nobody deletes a key for good before its time'),
    enableSoftDelete: always(true, 'purge protection wants it'),
    softDeleteRetentionInDays: z.int().min(7).max(90),
    publicNetworkAccess: z.enum(['Enabled', 'Disabled']),
  }),
});

export const keyVaultId = resourceId(type, name);

/** The key with which the app signs its posts. The template never sees it: an operator puts it there. */
export function keyVault() {
  return {
    ...{ type, apiVersion, name, location: parameter('location') },
    properties: {
      ...{ tenantId: '[subscription().tenantId]', sku: { family: 'A', name: 'standard' } },
      ...{ enableRbacAuthorization: true, enablePurgeProtection: true, enableSoftDelete: true },
      ...{ softDeleteRetentionInDays: 90, publicNetworkAccess: 'Enabled' },
    },
  } satisfies z.infer<typeof keyVaultSchema>;
}

/** As an app setting, which the host replaces by the secret. One secret a key: a new key is a new name. */
export function secretReference(secret: string): string {
  return joined('@Microsoft.KeyVault(SecretUri=https://', name, '.vault.azure.net/secrets/', secret, ')');
}
