import { z } from 'zod';
import { appSettings, appSettingsSchema } from './app-settings.ts';
import { always, armExpression, armResource, armText, joined, parameter, resourceId, variable } from './arm-text.ts';
import { eventHubId, eventHubName } from './event-hub.ts';
import { clientIdOf, identityId, usedIdentity, usedIdentitySchema } from './identities.ts';
import { keyVaultId, secretReference } from './key-vault.ts';
import { roleAssignmentId } from './role-assignment.ts';
import { packageContainer, storageAccountId } from './storage-account.ts';

const apiVersion = '2024-04-01';
const types = {
  plan: 'Microsoft.Web/serverfarms',
  app: 'Microsoft.Web/sites',
  publishing: 'Microsoft.Web/sites/basicPublishingCredentialsPolicies',
} as const;

const siteName = armText(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,58}[a-zA-Z0-9])$/);
const noPasswords = 'identities alone, no passwords';

export const planSchema = armResource(types.plan, apiVersion, {
  name: siteName,
  location: armExpression,
  kind: z.literal('functionapp'),
  sku: z.strictObject({ name: z.literal('FC1'), tier: z.literal('FlexConsumption') }),
  properties: z.strictObject({ reserved: z.literal(true) }),
});

export const functionAppSchema = armResource(types.app, apiVersion, {
  name: siteName,
  location: armExpression,
  kind: z.literal('functionapp,linux'),
  identity: usedIdentitySchema,
  properties: z.strictObject({
    serverFarmId: armExpression,
    httpsOnly: always(true, 'nothing goes in clear text'),
    publicNetworkAccess: z.enum(['Enabled', 'Disabled']),
    keyVaultReferenceIdentity: armExpression,
    siteConfig: z.strictObject({
      minTlsVersion: always('1.2', 'nothing older is safe'),
      ftpsState: always('Disabled', noPasswords),
      appSettings: appSettingsSchema,
    }),
    functionAppConfig: z.strictObject({
      deployment: z.strictObject({
        storage: z.strictObject({
          type: z.literal('blobContainer'),
          value: armExpression,
          authentication: z.strictObject({
            type: always('UserAssignedIdentity', noPasswords),
            userAssignedIdentityResourceId: armExpression,
          }),
        }),
      }),
      runtime: z.strictObject({ name: z.literal('node'), version: z.enum(['20', '22', '24']) }),
      scaleAndConcurrency: z.strictObject({
        maximumInstanceCount: z.int().min(1).max(1000),
        instanceMemoryMB: z.literal([512, 2048, 4096]),
      }),
    }),
  }),
});

export const publishingPolicySchema = armResource(types.publishing, apiVersion, {
  name: armText(/^[^/]+\/(?:scm|ftp)$/),
  properties: z.strictObject({ allow: always(false, noPasswords) }),
});

export interface FunctionAppProps {
  readonly name: string;
  readonly home: string;
  readonly hubHostName: string;
  readonly identity: string;
}

function functionAppId(name: string): string {
  return resourceId(types.app, name);
}

/** Reads the event hub, signs, posts; and answers the provisioning service. */
export function functionApp(props: FunctionAppProps) {
  const { name, identity } = props;
  const plan = {
    ...{ type: types.plan, apiVersion, name, location: parameter('location'), kind: 'functionapp' },
    ...{ sku: { name: 'FC1', tier: 'FlexConsumption' }, properties: { reserved: true } },
  } satisfies z.infer<typeof planSchema>;
  const app = {
    ...{ type: types.app, apiVersion, name, location: parameter('location'), kind: 'functionapp,linux' },
    identity: usedIdentity(identity),
    dependsOn: [
      ...[resourceId(types.plan, name), identityId(identity), storageAccountId, keyVaultId, eventHubId],
      roleAssignmentId(identity, 'storageBlobDataOwner', storageAccountId),
      roleAssignmentId(identity, 'keyVaultSecretsUser', keyVaultId),
    ],
    properties: {
      ...{ serverFarmId: resourceId(types.plan, name), httpsOnly: true, publicNetworkAccess: 'Enabled' },
      keyVaultReferenceIdentity: identityId(identity),
      siteConfig: { minTlsVersion: '1.2', ftpsState: 'Disabled', appSettings: settingsOf(props) },
      functionAppConfig: {
        deployment: {
          storage: {
            type: 'blobContainer',
            value: joined('https://', variable('storageName'), `.blob.core.windows.net/${packageContainer}`),
            authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId(identity) },
          },
        },
        runtime: { name: 'node', version: '22' },
        // More than one reader a partition is no use.
        scaleAndConcurrency: { maximumInstanceCount: 40, instanceMemoryMB: 2048 },
      },
    },
  } satisfies z.infer<typeof functionAppSchema>;
  const publishing = ['scm', 'ftp'].map(
    (way) =>
      ({
        ...{ type: types.publishing, apiVersion, name: `${name}/${way}` },
        ...{ dependsOn: [functionAppId(name)], properties: { allow: false } },
      }) satisfies z.infer<typeof publishingPolicySchema>,
  );
  return [plan, app, ...publishing];
}

/** As `functions/azure/settings.ts` reads them, and the host's own: connections by identity. */
function settingsOf({ home, hubHostName, identity }: FunctionAppProps) {
  const byIdentity = (connection: string) => ({
    [`${connection}__credential`]: 'managedidentity',
    [`${connection}__clientId`]: clientIdOf(identity),
  });
  return appSettings({
    AzureWebJobsStorage__accountName: variable('storageName'),
    ...byIdentity('AzureWebJobsStorage'),
    EVENTS__fullyQualifiedNamespace: joined(variable('eventsName'), '.servicebus.windows.net'),
    ...byIdentity('EVENTS'),
    EVENTS_NAME: eventHubName,
    PLATFORM_URL: parameter('platformUrl'),
    ...{ HOME_NAME: home, HUB_HOST_NAME: hubHostName },
    // Both by one parameter, so that a rotation changes them at once.
    EVENT_KEY_ID: joined(`${home}.`, parameter('eventKey')),
    EVENT_KEY: secretReference(joined('event-key-', parameter('eventKey'))),
  });
}
