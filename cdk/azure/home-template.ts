import type { HubSize } from '#functions/adapters/azure-iot-hub/campaign-load.ts';
import type { Settings } from '../settings.ts';
import { alerts } from './alerts.ts';
import { inner, variable } from './arm-text.ts';
import { diagnosticSetting, workspace } from './diagnostics.ts';
import { eventHub, eventHubId } from './event-hub.ts';
import { functionApp } from './function-app.ts';
import { clientIdOf, federatedCredentials, identity } from './identities.ts';
import { iotHub, iotHubId } from './iot-hub.ts';
import { keyVault, keyVaultId } from './key-vault.ts';
import { provisioningService, provisioningServiceId } from './provisioning-service.ts';
import { roleAssignment } from './role-assignment.ts';
import { storageAccount, storageAccountId } from './storage-account.ts';

export interface HomeOfTemplate {
  readonly name: string;
  /** Host name of the hub; what it begins with names everything whose name the world must share. */
  readonly hub: string;
  readonly size: HubSize;
  readonly logDays: number;
}

const text = (description: string) => ({ type: 'string', metadata: { description } });

/** What is known to AWS, or to the operator, alone. Roles: empty until the functions are deployed. */
const parameters = {
  location: { ...text('Where everything stands'), defaultValue: '[resourceGroup().location]' },
  platformUrl: text("The platform's API, as its stack says it (ApiUrl)"),
  eventKey: text(
    'Name of the key that the app signs with: <home>.<this> in DeviceEventKeys, event-key-<this> in the vault',
  ),
  alarmGroup: text('Id of the action group that alarms tell; empty: nobody'),
  tokenIssuer: { ...text("Issuer of the AWS account's tokens (outbound identity federation)"), defaultValue: '' },
  askedRole: { ...text('ARN of the role of hub-asked'), defaultValue: '' },
  toldRole: { ...text('ARN of the role of hub-told'), defaultValue: '' },
};

/** Names that are the world's: derived from the resource group, so that two stages do not collide. */
const variables = {
  eventsName: "[concat('events-', uniqueString(resourceGroup().id))]",
  storageName: "[concat('fleet', uniqueString(resourceGroup().id))]",
  vaultName: "[concat('vault-', uniqueString(resourceGroup().id))]",
};

/** By the names of the homes: from the same settings as the stacks in AWS. */
export function homeTemplates({ homes, logDays }: Pick<Settings, 'homes' | 'logDays'>) {
  return new Map(
    homes.map(
      ({ name, hub, sku, units }) => [name, homeTemplate({ name, hub, size: { sku, units }, logDays })] as const,
    ),
  );
}

/** Everything that a home beside AWS IoT has in Azure: one deployment into one resource group. */
export function homeTemplate({ name, hub, size, logDays }: HomeOfTemplate) {
  const [hubName = hub] = hub.split('.');
  const who = {
    platform: `${hubName}-platform`,
    sender: `${hubName}-hub`,
    writer: `${hubName}-dps`,
    app: `${hubName}-app`,
  };
  const [appName, logs] = [`${hubName}-events`, `${hubName}-logs`];
  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    metadata: { description: `Fleetloom: the home ${name}` },
    ...{ parameters, variables },
    resources: [
      ...Object.values(who).map(identity),
      ...federatedCredentials(who.platform, { 'hub-asked': 'askedRole', 'hub-told': 'toldRole' }),
      ...eventHub(),
      roleAssignment(who.sender, 'eventHubsDataSender', eventHubId),
      roleAssignment(who.app, 'eventHubsDataReceiver', eventHubId),
      iotHub(hubName, size, who.sender),
      roleAssignment(who.platform, 'iotHubDataContributor', iotHubId(hubName)),
      roleAssignment(who.writer, 'iotHubDataContributor', iotHubId(hubName)),
      provisioningService(hubName, hub, who.writer),
      ...storageAccount(),
      roleAssignment(who.app, 'storageBlobDataOwner', storageAccountId),
      roleAssignment(who.app, 'storageQueueDataContributor', storageAccountId),
      keyVault(),
      roleAssignment(who.app, 'keyVaultSecretsUser', keyVaultId),
      ...functionApp({ name: appName, home: name, hubHostName: hub, identity: who.app }),
      workspace(logs, logDays),
      diagnosticSetting(logs, 'Microsoft.Devices/IotHubs', hubName),
      diagnosticSetting(logs, 'Microsoft.Devices/provisioningServices', hubName),
      diagnosticSetting(logs, 'Microsoft.EventHub/namespaces', variable('eventsName')),
      diagnosticSetting(logs, 'Microsoft.KeyVault/vaults', variable('vaultName')),
      diagnosticSetting(logs, 'Microsoft.Web/sites', appName),
      ...alerts(appName, logs),
    ],
    outputs: outputsOf(hubName, who.platform, appName),
  };
}

/** What goes into the settings of the AWS stacks (`homes`), and what the operator needs next. */
function outputsOf(hubName: string, platform: string, appName: string) {
  const provisioning = inner(provisioningServiceId(hubName));
  const output = (value: string) => ({ type: 'string', value });
  return {
    scope: output(`[reference(${provisioning}, '2026-08-31').idScope]`),
    tenantId: output('[subscription().tenantId]'),
    clientId: output(clientIdOf(platform)),
    resourceId: output(iotHubId(hubName)),
    provisioningHost: output(`[reference(${provisioning}, '2026-08-31').deviceProvisioningHostName]`),
    vaultName: output(variable('vaultName')),
    appName: output(appName),
    allocationUrl: output(`https://${appName}.azurewebsites.net/api/allocate`),
  };
}
