import { z } from 'zod';
import { type HubSize, mostUnits } from '#functions/adapters/azure-iot-hub/campaign-load.ts';
import { always, armExpression, armResource, armText, joined, parameter, resourceId, variable } from './arm-text.ts';
import { eventHubId, eventHubName } from './event-hub.ts';
import { identityId, usedIdentity, usedIdentitySchema } from './identities.ts';
import { roleAssignmentId } from './role-assignment.ts';

const type = 'Microsoft.Devices/IotHubs';
const apiVersion = '2023-06-30';

const sources = [
  'DeviceMessages',
  'TwinChangeEvents',
  'DeviceLifecycleEvents',
  'DeviceConnectionStateEvents',
  'DeviceJobLifecycleEvents',
] as const;
/** The built-in endpoint, and names that the service keeps for itself. */
const builtIn = 'events';
const reserved: readonly string[] = [builtIn, 'fileNotifications', '$default'];

const entityName = z.string().regex(/^[A-Za-z0-9-._]{1,64}$/, 'must match ^[A-Za-z0-9-._]{1,64}$');
const oneEndpoint = z.tuple([entityName]);
const noKeys = 'identities and certificates alone, no keys that could be copied';

const routing = z
  .strictObject({
    endpoints: z.strictObject({
      eventHubs: z
        .array(
          z.strictObject({
            name: entityName.refine((name) => !reserved.includes(name), { error: 'is a name of the service' }),
            authenticationType: always('identityBased', noKeys),
            identity: z.strictObject({ userAssignedIdentity: armExpression }),
            endpointUri: armText(/^sb:\/\/[A-Za-z0-9-]+\.servicebus\.[a-z.]+$/),
            entityPath: z.string().min(1),
            subscriptionId: armExpression,
            resourceGroup: armExpression,
          }),
        )
        .max(10),
    }),
    routes: z
      .array(
        z.strictObject({
          name: entityName,
          source: z.enum(sources),
          condition: z.string().min(1),
          endpointNames: oneEndpoint,
          isEnabled: z.boolean(),
        }),
      )
      .min(1)
      .max(100),
    fallbackRoute: z.strictObject({
      name: z.literal('$fallback'),
      source: z.literal('DeviceMessages'),
      condition: z.literal('true'),
      endpointNames: z.tuple([z.literal(builtIn)]),
      isEnabled: always(true, 'what matches no route would be lost'),
    }),
    enrichments: z
      .array(z.strictObject({ key: entityName, value: z.string().min(1), endpointNames: z.array(entityName).min(1) }))
      .max(10),
  })
  .superRefine(({ endpoints, routes, enrichments }, context) => {
    const known = new Set([builtIn, ...endpoints.eventHubs.map(({ name }) => name)]);
    const lists = { routes, enrichments };
    for (const list of ['routes', 'enrichments'] as const) {
      for (const [at, { endpointNames }] of lists[list].entries()) {
        for (const name of endpointNames.filter((one) => !known.has(one))) {
          const message = `there is no endpoint "${name}"`;
          context.addIssue({ code: 'custom', path: [list, at, 'endpointNames'], message });
        }
      }
    }
    const names = routes.map(({ name }) => name.toLowerCase());
    const twice = names.findIndex((name, at) => names.indexOf(name) < at);
    if (twice >= 0)
      context.addIssue({ code: 'custom', path: ['routes', twice, 'name'], message: 'stands there twice' });
    for (const source of sources.slice(0, 4)) {
      if (routes.some((route) => route.source === source && route.isEnabled)) continue;
      context.addIssue({ code: 'custom', path: ['routes'], message: `nothing leads ${source} to the app` });
    }
  });

/** ISO 8601: days, or hours, minutes and seconds. @param least seconds. @param most seconds */
function duration(least: number, most: number) {
  return z.string().refine(
    (text) => {
      const [, days = 0, hours = 0, minutes = 0, seconds = 0] =
        /^P(?!$)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text) ?? [];
      const total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
      return total >= least && total <= most;
    },
    { error: `must be an ISO 8601 duration of ${least} to ${most} seconds` },
  );
}

/** A queued message lives two days at the most. */
const timeToLive = duration(60, 172_800);

export const iotHubSchema = armResource(type, apiVersion, {
  name: armText(/^(?![0-9]+$)(?!-)[a-zA-Z0-9-]{2,49}[a-zA-Z0-9]$/),
  location: armExpression,
  sku: z
    .strictObject({
      name: z.enum(['S1', 'S2', 'S3'], { error: 'must be S1, S2 or S3: no other has twins and methods' }),
      capacity: z.int().min(1),
    })
    .refine(({ name, capacity }) => capacity <= mostUnits[name], {
      path: ['capacity'],
      error: ({ input }) => `is more than ${JSON.stringify(input)} can have`,
    }),
  identity: usedIdentitySchema,
  properties: z.strictObject({
    minTlsVersion: always('1.2', 'nothing older is safe'),
    disableLocalAuth: always(true, noKeys),
    disableDeviceSAS: always(true, noKeys),
    disableModuleSAS: always(true, noKeys),
    publicNetworkAccess: z.enum(['Enabled', 'Disabled']),
    enableFileUploadNotifications: z.boolean(),
    features: z.enum(['None', 'DeviceManagement']),
    eventHubEndpoints: z.strictObject({
      events: z.strictObject({ retentionTimeInDays: z.int().min(1).max(7), partitionCount: z.int().min(2).max(32) }),
    }),
    routing,
    cloudToDevice: z.strictObject({
      maxDeliveryCount: z.int().min(1).max(100),
      defaultTtlAsIso8601: timeToLive,
      feedback: z.strictObject({
        lockDurationAsIso8601: duration(5, 300),
        ttlAsIso8601: timeToLive,
        maxDeliveryCount: z.int().min(1).max(100),
      }),
    }),
  }),
});

export function iotHubId(name: string): string {
  return resourceId(type, name);
}

/** @param name what its host name begins with. @param sender the identity by which it writes to the event hub */
export function iotHub(name: string, { sku, units }: HubSize, sender: string) {
  return {
    ...{ type, apiVersion, name, location: parameter('location') },
    sku: { name: sku, capacity: units },
    identity: usedIdentity(sender),
    // The service tries the endpoint when it takes the route.
    dependsOn: [identityId(sender), eventHubId, roleAssignmentId(sender, 'eventHubsDataSender', eventHubId)],
    properties: {
      ...{ minTlsVersion: '1.2', disableLocalAuth: true, disableDeviceSAS: true, disableModuleSAS: true },
      ...{ publicNetworkAccess: 'Enabled', enableFileUploadNotifications: false, features: 'None' },
      eventHubEndpoints: { events: { retentionTimeInDays: 1, partitionCount: 4 } },
      routing: routesTo(eventHubName, sender),
      cloudToDevice: {
        // A command says itself how long it is good for; this is for what somebody else queues.
        ...{ maxDeliveryCount: 10, defaultTtlAsIso8601: 'PT1H' },
        feedback: { lockDurationAsIso8601: 'PT1M', ttlAsIso8601: 'PT1H', maxDeliveryCount: 10 },
      },
    },
  } satisfies z.infer<typeof iotHubSchema>;
}

/** All that the app takes goes one way; the fallback catches what a later edit of the routes would forget. */
function routesTo(endpoint: string, sender: string) {
  const route = (name: string, source: (typeof sources)[number]) => ({
    ...{ name, source, condition: 'true', isEnabled: true },
    endpointNames: [endpoint] as [string],
  });
  return {
    endpoints: {
      eventHubs: [
        {
          ...{ name: endpoint, authenticationType: 'identityBased' as const, entityPath: eventHubName },
          identity: { userAssignedIdentity: identityId(sender) },
          endpointUri: joined('sb://', variable('eventsName'), '.servicebus.windows.net'),
          ...{ subscriptionId: '[subscription().subscriptionId]', resourceGroup: '[resourceGroup().name]' },
        },
      ],
    },
    routes: [
      route('device-messages', 'DeviceMessages'),
      route('twin-changes', 'TwinChangeEvents'),
      route('life-cycle', 'DeviceLifecycleEvents'),
      route('connection-states', 'DeviceConnectionStateEvents'),
    ],
    fallbackRoute: {
      ...{ name: '$fallback' as const, source: 'DeviceMessages' as const, condition: 'true' as const },
      ...{ endpointNames: [builtIn] as [typeof builtIn], isEnabled: true as const },
    },
    enrichments: [{ key: 'homeEpoch', value: '$twin.tags.home.epoch', endpointNames: [endpoint, builtIn] }],
  };
}
