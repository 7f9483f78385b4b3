import { z } from 'zod';
import { always, armExpression, armResource, armText, joined, parameter, resourceId, variable } from './arm-text.ts';

const apiVersion = '2023-05-01';
const types = {
  account: 'Microsoft.Storage/storageAccounts',
  container: 'Microsoft.Storage/storageAccounts/blobServices/containers',
  queue: 'Microsoft.Storage/storageAccounts/queueServices/queues',
} as const;

const name = variable('storageName');
/** Where the app's package lies. */
export const packageContainer = 'app-package';
/** What nobody could take; `functions/azure/main.ts` says the same. */
const poisonQueue = 'device-events-poison';

export const storageAccountSchema = armResource(types.account, apiVersion, {
  name: armText(/^[a-z0-9]{3,24}$/),
  location: armExpression,
  kind: z.literal('StorageV2'),
  sku: z.strictObject({ name: z.enum(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS']) }),
  properties: z.strictObject({
    allowSharedKeyAccess: always(false, 'identities alone, no keys that could be copied'),
    allowBlobPublicAccess: always(false, 'what lies here is of no public concern'),
    supportsHttpsTrafficOnly: always(true, 'nothing goes in clear text'),
    minimumTlsVersion: always('TLS1_2', 'nothing older is safe'),
    publicNetworkAccess: z.enum(['Enabled', 'Disabled']),
  }),
});

export const containerSchema = armResource(types.container, apiVersion, {
  name: armExpression,
  properties: z.strictObject({ publicAccess: z.literal('None') }),
});

export const queueSchema = armResource(types.queue, apiVersion, {
  name: armExpression,
  properties: z.strictObject({}),
});

export const storageAccountId = resourceId(types.account, name);
export const poisonQueueId = resourceId(types.queue, name, 'default', poisonQueue);
/** Comes with the account; what it counts, it counts over all queues. */
export const queueServiceId = resourceId('Microsoft.Storage/storageAccounts/queueServices', name, 'default');

/** The app's checkpoints, leases, package and poison. */
export function storageAccount() {
  const account = {
    ...{ type: types.account, apiVersion, name, location: parameter('location'), kind: 'StorageV2' },
    sku: { name: 'Standard_ZRS' },
    properties: {
      ...{ allowSharedKeyAccess: false, allowBlobPublicAccess: false, supportsHttpsTrafficOnly: true },
      ...{ minimumTlsVersion: 'TLS1_2', publicNetworkAccess: 'Enabled' },
    },
  } satisfies z.infer<typeof storageAccountSchema>;
  const container = {
    ...{ type: types.container, apiVersion, name: joined(name, `/default/${packageContainer}`) },
    ...{ dependsOn: [storageAccountId], properties: { publicAccess: 'None' } },
  } satisfies z.infer<typeof containerSchema>;
  const queue = {
    ...{ type: types.queue, apiVersion, name: joined(name, `/default/${poisonQueue}`) },
    ...{ dependsOn: [storageAccountId], properties: {} },
  } satisfies z.infer<typeof queueSchema>;
  return [account, container, queue];
}
