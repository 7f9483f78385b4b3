import type { Template } from './assembly.ts';
import { referencesIn } from './intrinsics.ts';

/**
 * The logical ids of a template, each after everything that it refers to or names in `DependsOn`.
 *
 * @throws Error that names the cycle, or the resource that `DependsOn` names and nobody defines
 */
export function creationOrder(stackName: string, resources: Template['Resources']): string[] {
  const ordered: string[] = [];
  const settled = new Set<string>();
  const trail: string[] = [];

  function visit(logicalId: string): void {
    if (settled.has(logicalId)) return;
    if (trail.includes(logicalId)) {
      const cycle = [...trail.slice(trail.indexOf(logicalId)), logicalId];
      throw new Error(`${stackName}: resources depend on each other in a circle: ${cycle.join(' → ')}`);
    }
    const resource = resources[logicalId];
    if (resource === undefined) return; // a parameter, or a name that the resolver will complain about
    trail.push(logicalId);
    const path = `${stackName}/${logicalId}`;
    for (const name of resource.DependsOn) {
      if (resources[name] === undefined) throw new Error(`${path}.DependsOn: ${name} does not exist`);
      visit(name);
    }
    for (const name of referencesIn(resource.Properties, `${path}.Properties`)) visit(name);
    trail.pop();
    settled.add(logicalId);
    ordered.push(logicalId);
  }

  for (const logicalId of Object.keys(resources)) visit(logicalId);
  return ordered;
}
