import type { AssemblyStack } from './assembly.ts';

/** Which resources of which type the stacks declare: type → `Stack/LogicalId`. */
export function typesIn(stacks: readonly AssemblyStack[]): Map<string, string[]> {
  const types = new Map<string, string[]>();
  for (const { stackName, template } of stacks) {
    for (const [logicalId, { Type: type }] of Object.entries(template.Resources)) {
      const places = types.get(type) ?? [];
      places.push(`${stackName}/${logicalId}`);
      types.set(type, places);
    }
  }
  return types;
}

/** The types that nobody handles and nobody lists as ignored, with the places where they stand. */
export function unknownTypes(
  stacks: readonly AssemblyStack[],
  handled: ReadonlySet<string>,
  ignored: ReadonlySet<string>,
): Map<string, string[]> {
  return new Map([...typesIn(stacks)].filter(([type]) => !handled.has(type) && !ignored.has(type)));
}

/** @throws Error that lists every unknown type at once, so that one start tells everything */
export function requireKnownTypes(
  stacks: readonly AssemblyStack[],
  handled: ReadonlySet<string>,
  ignored: ReadonlySet<string>,
): void {
  const unknown = unknownTypes(stacks, handled, ignored);
  if (unknown.size === 0) return;
  const lines = [...unknown].map(([type, places]) => `  ${type}: ${places.join(', ')}`);
  throw new Error(`The local cloud does not understand these resource types of the template:\n${lines.join('\n')}`);
}
