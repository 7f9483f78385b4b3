import { z } from 'zod';
import { always, armExpression, armResource, armText, parameter, resourceId } from './arm-text.ts';

const types = {
  workspace: 'Microsoft.OperationalInsights/workspaces',
  setting: 'Microsoft.Insights/diagnosticSettings',
} as const;
const versions = { workspace: '2022-10-01', setting: '2021-05-01-preview' } as const;

/** Source: "Monitoring data reference" of each service; those that name what went wrong, and who did what. */
const categories = {
  'Microsoft.Devices/IotHubs': ['Connections', 'DeviceIdentityOperations', 'C2DCommands', 'DirectMethods', 'Routes'],
  'Microsoft.Devices/provisioningServices': ['DeviceOperations', 'ServiceOperations'],
  'Microsoft.KeyVault/vaults': ['AuditEvent'],
  'Microsoft.Web/sites': ['FunctionAppLogs'],
  'Microsoft.EventHub/namespaces': ['OperationalLogs'],
} as const;
type Watched = keyof typeof categories;
const allCategories = Object.values(categories).flat();

export const workspaceSchema = armResource(types.workspace, versions.workspace, {
  name: armText(/^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/),
  location: armExpression,
  properties: z.strictObject({
    sku: z.strictObject({ name: z.literal('PerGB2018') }),
    retentionInDays: z.int().min(30).max(730),
    features: z.strictObject({ disableLocalAuth: always(true, 'identities alone, no keys that could be copied') }),
  }),
});

export const diagnosticSettingSchema = armResource(types.setting, versions.setting, {
  name: z.string().min(1).max(260),
  scope: armExpression,
  properties: z.strictObject({
    workspaceId: armExpression,
    logs: z.array(z.strictObject({ category: z.enum(allCategories), enabled: z.boolean() })).min(1),
    metrics: z.array(z.strictObject({ category: z.literal('AllMetrics'), enabled: z.boolean() })),
  }),
});

/** @param retentionInDays of AWS's logs; a workspace keeps no less than thirty */
export function workspace(name: string, retentionInDays: number) {
  return {
    ...{ type: types.workspace, apiVersion: versions.workspace, name, location: parameter('location') },
    properties: {
      ...{ sku: { name: 'PerGB2018' }, features: { disableLocalAuth: true } },
      retentionInDays: Math.min(730, Math.max(30, retentionInDays)),
    },
  } satisfies z.infer<typeof workspaceSchema>;
}

export function workspaceId(name: string): string {
  return resourceId(types.workspace, name);
}

/** @param name the workspace's */
export function diagnosticSetting(name: string, watched: Watched, resourceName: string) {
  const [scope, target] = [resourceId(watched, resourceName), workspaceId(name)];
  return {
    ...{ type: types.setting, apiVersion: versions.setting, name: 'to-workspace', scope },
    dependsOn: [scope, target],
    properties: {
      workspaceId: target,
      logs: categories[watched].map((category) => ({ category, enabled: true })),
      metrics: [{ category: 'AllMetrics', enabled: true }],
    },
  } satisfies z.infer<typeof diagnosticSettingSchema>;
}
