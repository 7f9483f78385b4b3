import { z } from 'zod';
import { always, armExpression, armResource, armText, joined, parameter, resourceId, variable } from './arm-text.ts';

const apiVersion = '2024-01-01';
const types = {
  namespace: 'Microsoft.EventHub/namespaces',
  hub: 'Microsoft.EventHub/namespaces/eventhubs',
  group: 'Microsoft.EventHub/namespaces/eventhubs/consumergroups',
} as const;

/** The event hub, as the Function app's settings and the IoT hub's endpoint name it. */
export const eventHubName = 'device-events';
/** By which the app reads; `functions/azure/main.ts` says the same. */
const consumerGroup = 'fleetloom';
const namespaceName = variable('eventsName');

export const eventNamespaceSchema = armResource(types.namespace, apiVersion, {
  name: armText(/^[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]$/),
  location: armExpression,
  sku: z.strictObject({
    name: z.enum(['Standard', 'Premium'], { error: 'must be Standard or Premium: Basic has one consumer group' }),
    tier: z.enum(['Standard', 'Premium']),
    capacity: z.int().min(1).max(40),
  }),
  properties: z.strictObject({
    disableLocalAuth: always(true, 'identities alone, no keys that could be copied'),
    minimumTlsVersion: always('1.2', 'nothing older is safe'),
    publicNetworkAccess: z.enum(['Enabled', 'Disabled', 'SecuredByPerimeter']),
    isAutoInflateEnabled: z.boolean(),
    maximumThroughputUnits: z.int().min(0).max(40),
  }),
});

export const eventHubSchema = armResource(types.hub, apiVersion, {
  name: armExpression,
  properties: z.strictObject({
    partitionCount: z.int().min(1).max(32),
    messageRetentionInDays: z.int().min(1).max(7),
  }),
});

export const consumerGroupSchema = armResource(types.group, apiVersion, {
  name: armExpression,
  properties: z.strictObject({}),
});

export const eventHubId = resourceId(types.hub, namespaceName, eventHubName);

/**
 * Where the hub leads its events. Its built-in endpoint can be read with a key alone (Microsoft, "Control access to IoT
 * Hub by using Microsoft Entra ID"), and there are no keys here.
 */
export function eventHub() {
  const namespace = {
    ...{ type: types.namespace, apiVersion, name: namespaceName, location: parameter('location') },
    sku: { name: 'Standard', tier: 'Standard', capacity: 1 },
    properties: {
      ...{ disableLocalAuth: true, minimumTlsVersion: '1.2', publicNetworkAccess: 'Enabled' },
      ...{ isAutoInflateEnabled: true, maximumThroughputUnits: 20 },
    },
  } satisfies z.infer<typeof eventNamespaceSchema>;
  const hub = {
    ...{ type: types.hub, apiVersion, name: joined(namespaceName, `/${eventHubName}`) },
    dependsOn: [resourceId(types.namespace, namespaceName)],
    // Nobody can change the count later; a week to repair whatever stands still.
    properties: { partitionCount: 32, messageRetentionInDays: 7 },
  } satisfies z.infer<typeof eventHubSchema>;
  const group = {
    ...{ type: types.group, apiVersion, name: joined(namespaceName, `/${eventHubName}/${consumerGroup}`) },
    ...{ dependsOn: [eventHubId], properties: {} },
  } satisfies z.infer<typeof consumerGroupSchema>;
  return [namespace, hub, group];
}
