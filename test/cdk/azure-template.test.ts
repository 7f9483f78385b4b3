import { App } from 'aws-cdk-lib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { homeTemplate, homeTemplates } from '#cdk/azure/home-template.ts';
import { findingsIn } from '#cdk/azure/template-check.ts';
import { settingsFrom } from '#cdk/settings.ts';
import { localHome } from '#local/azure/local-home.ts';
import cdkJson from '../../cdk.json' with { type: 'json' };

const whole = homeTemplate({
  ...{ name: 'vw-weu', hub: 'fleetloom-dev-weu.azure-devices.net', logDays: 30 },
  size: { sku: 'S1', units: 1 },
});
const text = JSON.stringify(whole);

/** The template as JSON, at a path of which `resources` are named by their type and the first of a kind is meant. */
function changed(path: readonly (string | number)[], change: (parent: object, key: string | number) => void): unknown {
  const copy: unknown = JSON.parse(text);
  const [type, ...steps] = path;
  const last = steps.pop();
  if (last === undefined) throw new Error('Which member?');
  const resources = member(copy, 'resources');
  const resource: unknown = Array.isArray(resources)
    ? resources.find((one: unknown) => member(one, 'type') === type)
    : undefined;
  change(objectAt(resource, steps), last);
  return copy;
}

function objectAt(from: unknown, steps: readonly (string | number)[]): object {
  const found = steps.reduce(member, from);
  if (typeof found !== 'object' || found === null) throw new Error(`Nothing at ${steps.join('.')}`);
  return found;
}

function member(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

const set = (path: readonly (string | number)[], value: unknown) =>
  changed(path, (parent, key) => Reflect.set(parent, key, value));
const without = (...path: readonly (string | number)[]) =>
  changed(path, (parent, key) => Reflect.deleteProperty(parent, key));

const hub = 'Microsoft.Devices/IotHubs';
const hubPlace = `${hub} fleetloom-dev-weu: `;
const dps = 'Microsoft.Devices/provisioningServices';
const storage = 'Microsoft.Storage/storageAccounts';
const vault = 'Microsoft.KeyVault/vaults';
const events = 'Microsoft.EventHub/namespaces';
const site = 'Microsoft.Web/sites';
const role = 'Microsoft.Authorization/roleAssignments';
const federation = 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials';
const settings = ['properties', 'siteConfig', 'appSettings'] as const;
const route = ['properties', 'routing', 'routes', 0] as const;

test('the template of a home is as Azure and this house want it', () => {
  expect(findingsIn(JSON.parse(text))).toEqual([]);
});

test('each home of the settings has its template, of the size that they say', () => {
  const second = { ...localHome, name: 'vw-neu', brands: ['volkswagen'], hub: 'fleetloom-neu.azure-devices.net' };
  const context = { ...cdkJson.context, homes: [localHome, { ...second, sku: 'S2', units: 3 }] };
  const templates = homeTemplates(settingsFrom(new App({ analyticsReporting: false, context }).node));
  expect([...templates.keys()]).toEqual(['vw-weu', 'vw-neu']);
  for (const template of templates.values()) expect(findingsIn(template)).toEqual([]);
  const sizes = [...templates.values()].map(({ resources }) => resources.find(({ type }) => type === hub));
  expect(sizes).toMatchObject([
    { name: 'fleetloom-dev-weu', sku: { name: 'S1', capacity: 1 } },
    { name: 'fleetloom-neu', sku: { name: 'S2', capacity: 3 } },
  ]);
});

test.each<[what: string, template: unknown, place: string]>([
  ['a hub without a sku', without(hub, 'sku'), `${hubPlace}sku`],
  ['a sku that is none', set([hub, 'sku', 'name'], 'S9'), `${hubPlace}sku.name`],
  ['a sku without twins', set([hub, 'sku', 'name'], 'B1'), `${hubPlace}sku.name`],
  ['more units than there are', set([hub, 'sku'], { name: 'S3', capacity: 11 }), `${hubPlace}sku.capacity`],
  [
    'too many deliveries',
    set([hub, 'properties', 'cloudToDevice', 'maxDeliveryCount'], 500),
    `${hubPlace}properties.cloudToDevice.maxDeliveryCount`,
  ],
  [
    'a message that waits for a week',
    set([hub, 'properties', 'cloudToDevice', 'defaultTtlAsIso8601'], 'P7D'),
    `${hubPlace}properties.cloudToDevice.defaultTtlAsIso8601`,
  ],
  [
    'a route with a bad name',
    set([hub, ...route, 'name'], 'device messages'),
    `${hubPlace}properties.routing.routes[0].name`,
  ],
  [
    'a route from nowhere',
    set([hub, ...route, 'source'], 'Telemetry'),
    `${hubPlace}properties.routing.routes[0].source`,
  ],
  [
    'a route to nowhere',
    set([hub, ...route, 'endpointNames'], ['elsewhere']),
    `${hubPlace}properties.routing.routes[0].endpointNames: there is no endpoint "elsewhere"`,
  ],
  [
    'a route that is off',
    set([hub, ...route, 'isEnabled'], false),
    `${hubPlace}properties.routing.routes: nothing leads`,
  ],
  [
    'no routes of its own',
    set([hub, 'properties', 'routing', 'routes'], []),
    `${hubPlace}properties.routing.routes: nothing leads`,
  ],
  [
    'a fallback that is off',
    set([hub, 'properties', 'routing', 'fallbackRoute', 'isEnabled'], false),
    `${hubPlace}properties.routing.fallbackRoute.isEnabled`,
  ],
  ['another version of the interface', set([hub, 'apiVersion'], '2019-03-22'), `${hubPlace}apiVersion`],
  ['keys of the hub', set([hub, 'properties', 'disableLocalAuth'], false), `${hubPlace}properties.disableLocalAuth`],
  ['keys of devices', set([hub, 'properties', 'disableDeviceSAS'], false), `${hubPlace}properties.disableDeviceSAS`],
  ['TLS 1.0', set([hub, 'properties', 'minTlsVersion'], '1.0'), `${hubPlace}properties.minTlsVersion`],
  ['no word on TLS', without(hub, 'properties', 'minTlsVersion'), `${hubPlace}properties.minTlsVersion`],
  [
    'a key to the endpoint',
    set([hub, 'properties', 'routing', 'endpoints', 'eventHubs', 0, 'authenticationType'], 'keyBased'),
    `${hubPlace}properties.routing.endpoints.eventHubs[0].authenticationType`,
  ],
  [
    'keys of the provisioning service',
    set([dps, 'properties', 'disableLocalAuth'], false),
    `properties.disableLocalAuth`,
  ],
  [
    'a linked hub by its key',
    set([dps, 'properties', 'iotHubs', 0, 'authenticationType'], 'KeyBased'),
    'properties.iotHubs[0].authenticationType',
  ],
  ['a provisioning service without a hub', set([dps, 'properties', 'iotHubs'], []), 'properties.iotHubs'],
  [
    'keys of the storage',
    set([storage, 'properties', 'allowSharedKeyAccess'], true),
    'properties.allowSharedKeyAccess',
  ],
  ['storage for everybody', set([storage, 'properties', 'allowBlobPublicAccess'], true), 'allowBlobPublicAccess'],
  ['an old TLS of the storage', set([storage, 'properties', 'minimumTlsVersion'], 'TLS1_0'), 'minimumTlsVersion'],
  ['keys of the event hub', set([events, 'properties', 'disableLocalAuth'], false), 'properties.disableLocalAuth'],
  ['a vault that can be emptied', without(vault, 'properties', 'enablePurgeProtection'), 'enablePurgeProtection'],
  ['a vault with policies', set([vault, 'properties', 'enableRbacAuthorization'], false), 'enableRbacAuthorization'],
  [
    'passwords for publishing',
    set([`${site}/basicPublishingCredentialsPolicies`, 'properties', 'allow'], true),
    'properties.allow',
  ],
  ['an app in clear text', set([site, 'properties', 'httpsOnly'], false), 'properties.httpsOnly'],
  ['a role over the whole group', set([role, 'scope'], '[resourceGroup().id]'), 'scope'],
  [
    'an owner',
    set(
      [role, 'properties', 'roleDefinitionId'],
      "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '8e3af657-a8ff-443c-a75c-2fe8c4bcb635')]",
    ),
    'properties.roleDefinitionId: is a role that nothing here needs',
  ],
  ['another audience', set([federation, 'properties', 'audiences'], ['sts.amazonaws.com']), 'properties.audiences[0]'],
  [
    'what waits for nothing',
    set([site, 'dependsOn'], ["[resourceId('Microsoft.Web/serverfarms', 'none')]"]),
    'depends on',
  ],
  [
    'a resource of another kind',
    set([vault, 'type'], 'Microsoft.Compute/virtualMachines'),
    'nothing here knows this type',
  ],
  [
    'a parameter of nobody',
    set([vault, 'location'], "[parameters('place')]"),
    'parameters.place: is used and not declared',
  ],
])('%s is caught, and its place is named', (_, template, place) => {
  const findings = findingsIn(template);
  expect(
    findings.some((finding) => finding.includes(place)),
    findings.join('\n'),
  ).toBe(true);
});

test.each([
  ['DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net'],
  ['Endpoint=sb://e.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=c2VjcmV0'],
  ['https://a.blob.core.windows.net/c?sv=2023&sig=c2VjcmV0'],
  ["[listKeys(resourceId('Microsoft.Storage/storageAccounts', variables('storageName')), '2023-05-01').keys[0].value]"],
  ['-----BEGIN PRIVATE KEY-----'],
])('a secret in an app setting is caught, and not repeated: %s', (secret) => {
  const findings = findingsIn(
    changed([site, ...settings, 0], (parent, key) => Reflect.set(parent, key, { name: 'MORE', value: secret })),
  );
  expect(findings).toContainEqual(
    expect.stringContaining('properties.siteConfig.appSettings[0].value: MORE holds a secret'),
  );
  expect(findings.join('\n')).not.toContain('c2VjcmV0');
});

test.each([
  ['EVENT_KEY', 'MC4CAQAwBQYDK2VwBCIEIA', 'must be a reference to the Key Vault'],
  ['AzureWebJobsStorage', 'UseDevelopmentStorage=true', 'must be a reference to the Key Vault'],
  ['FUNCTIONS_WORKER_RUNTIME', 'node', 'is no setting of a Flex Consumption app'],
  ['HOME_NAME', 'other', 'stands there twice'],
])('an app setting %s = %s is refused', (name, value, why) => {
  const more = changed([site, ...settings], (parent, key) => {
    const list: unknown = Reflect.get(parent, key);
    Reflect.set(parent, key, [...(Array.isArray(list) ? list : []), { name, value }]);
  });
  expect(findingsIn(more)).toContainEqual(expect.stringContaining(why));
});

/** Every object of the template, by the way to it. */
function objectsIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([key, child]) => objectsIn(child, [...path, key]));
  return Array.isArray(value) ? below : [path, ...below];
}

/** Where names are free: a name more is no mistake in itself. */
const isFree = (path: readonly string[]) =>
  ['parameters', 'variables', 'outputs', 'userAssignedIdentities'].includes(path.at(-1) ?? '');
const closed = objectsIn(whole).filter((path) => !isFree(path));

test('a member that nobody knows is caught wherever it stands', () => {
  fc.assert(
    fc.property(fc.constantFrom(...closed), (path) => {
      const copy: unknown = JSON.parse(text);
      Reflect.set(objectAt(copy, path), 'surprise', true);
      const findings = findingsIn(copy);
      const resource = path[0] === 'resources' ? `resources[${path[1]}]` : (path[0] ?? '(all of it)');
      expect(
        findings.some((line) => line.startsWith(resource) && line.includes('surprise')),
        path.join('.'),
      ).toBe(true);
    }),
    { numRuns: closed.length },
  );
});

test('no member may be missing, wherever it stands, but what a resource waits for', () => {
  const members = closed.flatMap((path) => Object.keys(objectAt(JSON.parse(text), path)).map((key) => [...path, key]));
  const needed = members.filter((path) => path.at(-1) !== 'dependsOn' && path.at(-1) !== 'defaultValue');
  fc.assert(
    fc.property(fc.constantFrom(...needed), (path) => {
      const copy: unknown = JSON.parse(text);
      Reflect.deleteProperty(objectAt(copy, path.slice(0, -1)), path.at(-1) ?? '');
      expect(findingsIn(copy), path.join('.')).not.toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('each kind of resource has the one version of its interface that was looked up', () => {
  for (const at of whole.resources.keys()) {
    const copy: unknown = JSON.parse(text);
    Reflect.set(objectAt(copy, ['resources', at]), 'apiVersion', '2019-01-01');
    expect(findingsIn(copy)).toContainEqual(
      expect.stringMatching(new RegExp(`^resources\\[${at}\\] .*: apiVersion: `)),
    );
  }
});

test.each([...new Set(whole.resources.map(({ type }) => type))])('a home without %s is caught', (type) => {
  const resources = whole.resources.filter((one) => one.type !== type);
  expect(findingsIn({ ...whole, resources })).toContain(`resources: there is no ${type}`);
});

test('what the hub and the app say of each other agrees', () => {
  expect(text).toContain('"key":"homeEpoch","value":"$twin.tags.home.epoch"');
  expect(text).toContain('{"name":"EVENTS_NAME","value":"device-events"}');
  expect(text).toContain('{"name":"HUB_HOST_NAME","value":"fleetloom-dev-weu.azure-devices.net"}');
  expect(text).toContain("'/device-events/fleetloom')");
});
