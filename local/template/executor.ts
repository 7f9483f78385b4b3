import { type AssemblyStack, readAssembly, type Template } from './assembly.ts';
import { creationOrder } from './creation-order.ts';
import { ignoredResource } from './ignored-types.ts';
import { isObject, type JsonObject } from './intrinsics.ts';
import { requireKnownTypes } from './inventory.ts';
import { physicalNameOf } from './physical-name.ts';
import { resolve } from './resolver.ts';
import type { Provisioned, ResourceScope, ResourceType } from './resource-type.ts';
import { type AccountScope, StackMeaning } from './stack-meaning.ts';
import { parameterValues, type TemplateParameters } from './template-parameters.ts';

/** A resource of the template after it was made. */
export interface ExecutedResource extends Provisioned {
  readonly type: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** Resolved. */
  readonly properties: JsonObject;
}

export interface Execution {
  /** The outputs of each stack, by stack name and output name. */
  readonly stacks: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** By `Stack/LogicalId`, in the order in which they were made. */
  readonly resources: ReadonlyMap<string, ExecutedResource>;
}

/**
 * Makes everything that a cloud assembly declares, one resource after the other.
 *
 * @param parameters what whoever deploys would say: asked when a stack without a default for it is begun
 * @param ignored types for which nothing is made (`ignoredTypes`)
 * @throws Error that names the stack, the logical id and what is not understood; unknown types are
 * reported all at once, before anything is made
 */
export async function execute(
  assemblyDirectory: string,
  types: readonly ResourceType[],
  ignored: ReadonlySet<string>,
  scope: AccountScope,
  parameters: TemplateParameters = {},
): Promise<Execution> {
  const handlers = new Map(types.map((type) => [type.type, type]));
  if (handlers.size < types.length) throw new Error('Two handlers claim the same resource type');
  const assembly = readAssembly(assemblyDirectory);
  requireKnownTypes(assembly, new Set(handlers.keys()), ignored);

  const stacks = new Map<string, Record<string, string>>();
  const resources = new Map<string, ExecutedResource>();
  const exports = new Map<string, string>();
  for (const stack of assembly) {
    const meaning = new StackMeaning(stack, scope, exports, parameterValues(stack, parameters, stacks));
    for (const logicalId of creationOrder(stack.stackName, stack.template.Resources)) {
      const definition = stack.template.Resources[logicalId];
      if (definition === undefined) continue;
      if (definition.Condition !== undefined && !meaning.condition(definition.Condition)) continue;
      const resourceScope = {
        ...scope,
        ...placeOf(stack, logicalId),
        assemblyDirectory,
        metadata: definition.Metadata,
      };
      const made = await makeResource(definition, handlers.get(definition.Type), meaning, resourceScope);
      meaning.made(logicalId, made);
      resources.set(`${stack.stackName}/${logicalId}`, made);
    }
    stacks.set(stack.stackName, readOutputs(stack, meaning, exports));
  }
  return { stacks, resources };
}

function placeOf({ stackName }: AssemblyStack, logicalId: string) {
  return { stackName, logicalId, physicalName: physicalNameOf(stackName, logicalId) };
}

async function makeResource(
  definition: Template['Resources'][string],
  handler: ResourceType | undefined,
  meaning: StackMeaning,
  scope: ResourceScope,
): Promise<ExecutedResource> {
  const { Type: type } = definition;
  const { stackName, logicalId } = scope;
  const place = `${stackName}/${logicalId}`;
  const properties = resolve(definition.Properties, meaning, `${place}.Properties`);
  if (!isObject(properties)) throw new Error(`${place}.Properties: wants an object`);
  try {
    const made = handler ? await handler.create(properties, scope) : ignoredResource(type, properties, scope);
    return { ...made, type, stackName, logicalId, properties };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${place} (${type}): ${reason}`, { cause });
  }
}

/** Resolves the outputs of a stack and adds what it exports to `exports`. */
function readOutputs(
  { stackName, template }: AssemblyStack,
  meaning: StackMeaning,
  exports: Map<string, string>,
): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(template.Outputs)) {
    if (output.Condition !== undefined && !meaning.condition(output.Condition)) continue;
    const path = `${stackName}/Outputs.${name}`;
    const value = outputText(resolve(output.Value, meaning, path), path);
    outputs[name] = value;
    if (output.Export === undefined) continue;
    const exportName = outputText(resolve(output.Export.Name, meaning, `${path}.Export`), path);
    if (exports.has(exportName)) throw new Error(`${path}: ${exportName} is exported twice`);
    exports.set(exportName, value);
  }
  return outputs;
}

function outputText(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${path}: an output is a text, not ${JSON.stringify(value)}`);
}
