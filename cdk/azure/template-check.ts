import { z } from 'zod';
import { logAlertSchema, metricAlertSchema } from './alerts.ts';
import { armExpression, resourceId } from './arm-text.ts';
import { diagnosticSettingSchema, workspaceSchema } from './diagnostics.ts';
import { consumerGroupSchema, eventHubSchema, eventNamespaceSchema } from './event-hub.ts';
import { functionAppSchema, planSchema, publishingPolicySchema } from './function-app.ts';
import { federatedCredentialSchema, identitySchema } from './identities.ts';
import { iotHubSchema } from './iot-hub.ts';
import { keyVaultSchema } from './key-vault.ts';
import { provisioningServiceSchema } from './provisioning-service.ts';
import { roleAssignmentSchema } from './role-assignment.ts';
import { containerSchema, queueSchema, storageAccountSchema } from './storage-account.ts';

const kinds = [
  ...[identitySchema, federatedCredentialSchema, roleAssignmentSchema, iotHubSchema, provisioningServiceSchema],
  ...[eventNamespaceSchema, eventHubSchema, consumerGroupSchema, storageAccountSchema, containerSchema, queueSchema],
  ...[keyVaultSchema, planSchema, functionAppSchema, publishingPolicySchema, workspaceSchema, diagnosticSettingSchema],
  ...[logAlertSchema, metricAlertSchema],
];
const schemas: ReadonlyMap<string, (typeof kinds)[number]> = new Map(
  kinds.map((schema) => [schema.shape.type.value, schema]),
);

const parameterSchema = z.strictObject({
  type: z.literal('string'),
  defaultValue: z.string().optional(),
  metadata: z.strictObject({ description: z.string().min(1) }),
});

/** Source: "Understand the structure and syntax of ARM templates". */
const templateSchema = z.strictObject({
  $schema: z.literal('https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'),
  contentVersion: z.string().regex(/^\d+(\.\d+){3}$/),
  metadata: z.strictObject({ description: z.string() }),
  parameters: z.record(z.string(), parameterSchema),
  variables: z.record(z.string(), armExpression),
  resources: z.array(z.looseObject({ type: z.string(), name: z.string() })).min(1),
  outputs: z.record(z.string(), z.strictObject({ type: z.literal('string'), value: z.string().min(1) })),
});
type Template = z.infer<typeof templateSchema>;

/**
 * What is wrong with a template, by the service's rules and this house's, without asking Azure.
 *
 * @returns one line each, which begins with the place; none: as far as can be said here, it will be taken
 */
export function findingsIn(template: unknown): readonly string[] {
  const read = templateSchema.safeParse(template);
  if (!read.success) return linesOf('', read.error);
  const { resources } = read.data;
  return [
    ...resources.flatMap((resource, at) => findingsOf(resource, `resources[${at}] ${resource.type} ${resource.name}`)),
    ...missingTargets(read.data),
    ...undeclared(read.data),
    ...twice(resources),
    ...missingKinds(resources),
  ];
}

function findingsOf(resource: Template['resources'][number], place: string): readonly string[] {
  const schema = schemas.get(resource.type);
  if (schema === undefined) return [`${place}: nothing here knows this type`];
  const { success, error } = schema.safeParse(resource);
  return success ? [] : linesOf(`${place}: `, error);
}

function linesOf(place: string, error: z.ZodError): readonly string[] {
  return error.issues.map(({ path, message }) => {
    const where = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
    return `${place}${where.replace(/^\./, '') || '(all of it)'}: ${message}`;
  });
}

/** What a resource waits for must be there, or the deployment fails halfway. */
function missingTargets({ resources }: Template): readonly string[] {
  const known = new Set(resources.map((resource) => idOf(resource)));
  return resources.flatMap(({ type, name, dependsOn, scope }, at) => {
    const wanted: readonly unknown[] = [...(Array.isArray(dependsOn) ? dependsOn : []), ...(scope ? [scope] : [])];
    return wanted
      .filter((id) => typeof id !== 'string' || !known.has(id))
      .map((id) => `resources[${at}] ${type} ${name}: depends on what is not there: ${String(id)}`);
  });
}

/** As `resourceId`, or for what lies on another resource `extensionResourceId`, has it. */
function idOf({ type, name, scope }: Template['resources'][number]): string {
  if (typeof scope === 'string') {
    return `[extensionResourceId(${scope.slice(1, -1)}, '${type}', ${/^\[/.test(name) ? name.slice(1, -1) : `'${name}'`})]`;
  }
  const parts = /^\[concat\((variables\('\w+'\)), '\/(.+)'\)\]$/.exec(name);
  if (parts !== null) return resourceId(type, `[${parts[1]}]`, ...(parts[2] ?? '').split('/'));
  return /^\[/.test(name) ? resourceId(type, name) : resourceId(type, ...name.split('/'));
}

/** A home is whole, or it does not work: without a consumer group, say, the app reads nothing. */
function missingKinds(resources: Template['resources']): readonly string[] {
  const there = new Set(resources.map(({ type }) => type));
  return [...schemas.keys()].filter((type) => !there.has(type)).map((type) => `resources: there is no ${type}`);
}

function undeclared(template: Template): readonly string[] {
  const text = JSON.stringify([template.resources, template.outputs, template.variables]);
  return (['parameters', 'variables'] as const).flatMap((kind) => {
    const used = new Set([...text.matchAll(new RegExp(`\\b${kind}\\('(\\w+)'\\)`, 'g'))].map(([, name = '']) => name));
    const declared = new Set(Object.keys(template[kind]));
    return [
      ...[...used].filter((name) => !declared.has(name)).map((name) => `${kind}.${name}: is used and not declared`),
      ...[...declared].filter((name) => !used.has(name)).map((name) => `${kind}.${name}: is declared and not used`),
    ];
  });
}

function twice(resources: Template['resources']): readonly string[] {
  const ids = resources.map(idOf);
  return ids.flatMap((id, at) => (ids.indexOf(id) < at ? [`resources[${at}]: stands there twice: ${id}`] : []));
}
