import type { Arns } from '../registry/arns.ts';
import { invalidRequest, notFound } from '../registry/errors.ts';
import type { Registry } from '../registry/registry.ts';

/** Which things a job means: things by name, and the members of groups with those of the groups below them. */
export class Targets {
  readonly #registry: Pick<Registry, 'things' | 'thingGroups'>;
  readonly #arns: Arns;

  constructor(registry: Pick<Registry, 'things' | 'thingGroups' | 'arns'>) {
    this.#registry = registry;
    this.#arns = registry.arns;
  }

  /** Throws `AwsError` if one of the ARNs names nothing. */
  check(targets: readonly string[]): void {
    if (targets.length < 1 || targets.length > 100) throw invalidRequest('A job has one to a hundred targets.');
    for (const arn of targets) {
      const [thing, group] = [this.#arns.thingIn(arn), this.#arns.thingGroupIn(arn)];
      if (thing === undefined && group === undefined) {
        throw invalidRequest(`"${arn}" is the ARN of no thing and no thing group.`);
      }
      if (thing !== undefined && this.#registry.things.find(thing) === undefined) throw notFound(`There is no ${arn}.`);
      if (group !== undefined && this.#registry.thingGroups.find(group) === undefined) {
        throw notFound(`There is no ${arn}.`);
      }
    }
  }

  /** Names, each once; targets that are gone mean nobody. */
  thingsOf(targets: readonly string[]): readonly string[] {
    const names = new Set<string>();
    for (const arn of targets) {
      const [thing, group] = [this.#arns.thingIn(arn), this.#arns.thingGroupIn(arn)];
      if (thing !== undefined && this.#registry.things.find(thing) !== undefined) names.add(thing);
      if (group === undefined || this.#registry.thingGroups.find(group) === undefined) continue;
      for (const { thingName } of this.#registry.thingGroups.thingsIn(group, true)) names.add(thingName);
    }
    return [...names];
  }

  means(targets: readonly string[], thingName: string): boolean {
    const thing = this.#registry.things.find(thingName);
    if (thing === undefined) return false;
    if (targets.includes(this.#arns.thing(thingName))) return true;
    const groups = thing.groups.flatMap((name) => this.#registry.thingGroups.lineage(name));
    return groups.some(({ thingGroupName }) => targets.includes(this.#arns.thingGroup(thingGroupName)));
  }

  exists(thingName: string): boolean {
    return this.#registry.things.find(thingName) !== undefined;
  }
}
