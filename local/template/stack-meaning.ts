import type { AssemblyStack } from './assembly.ts';
import { Conditions } from './conditions.ts';
import type { Meaning } from './resolver.ts';
import type { Provisioned } from './resource-type.ts';

/** The account and region that the assembly is executed for. */
export interface AccountScope {
  readonly region: string;
  readonly accountId: string;
}

/** What the names in one stack's template mean while its resources are made one after the other. */
export class StackMeaning implements Meaning {
  readonly #stack: AssemblyStack;
  readonly #pseudo: ReadonlyMap<string, string | readonly string[]>;
  readonly #parameters: ReadonlyMap<string, string | readonly string[]>;
  readonly #conditions: Conditions;
  readonly #exports: ReadonlyMap<string, string>;
  readonly #made = new Map<string, Provisioned>();

  /** @param exports what the stacks before this one exported */
  constructor(
    stack: AssemblyStack,
    scope: AccountScope,
    exports: ReadonlyMap<string, string>,
    parameters: ReadonlyMap<string, string | readonly string[]>,
  ) {
    this.#stack = stack;
    this.#exports = exports;
    this.#pseudo = pseudoParameters(stack.stackName, scope);
    this.#parameters = parameters;
    this.#conditions = new Conditions(stack.template.Conditions, stack.stackName);
  }

  made(logicalId: string, resource: Provisioned): void {
    this.#made.set(logicalId, resource);
  }

  ref(name: string): string | readonly string[] {
    const value = this.#pseudo.get(name) ?? this.#parameters.get(name);
    if (value !== undefined) return value;
    return this.#resource(name).ref;
  }

  attribute(logicalId: string, name: string): string | readonly string[] {
    const { attributes } = this.#resource(logicalId);
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (value !== undefined) return value;
    const type = this.#stack.template.Resources[logicalId]?.Type;
    const known = Object.keys(attributes).join(', ') || 'none';
    throw new Error(`${logicalId} (${type}) has no attribute ${name} in the local cloud; it has ${known}`);
  }

  condition(name: string): boolean {
    return this.#conditions.holds(name, this);
  }

  imported(exportName: string): string {
    const value = this.#exports.get(exportName);
    if (value === undefined) throw new Error(`no stack before this one exports ${exportName}`);
    return value;
  }

  mapping(map: string, topKey: string, secondKey: string): unknown {
    const value = this.#stack.template.Mappings[map]?.[topKey]?.[secondKey];
    if (value === undefined) throw new Error(`the mapping ${map} has nothing under ${topKey}, ${secondKey}`);
    return value;
  }

  #resource(logicalId: string): Provisioned {
    const made = this.#made.get(logicalId);
    if (made !== undefined) return made;
    const definition = this.#stack.template.Resources[logicalId];
    if (definition === undefined) throw new Error(`${logicalId} does not exist in the stack ${this.#stack.stackName}`);
    throw new Error(`${logicalId} is not made, because its condition ${definition.Condition} is false`);
  }
}

function pseudoParameters(
  stackName: string,
  { region, accountId }: AccountScope,
): Map<string, string | readonly string[]> {
  return new Map<string, string | readonly string[]>([
    ['AWS::Region', region],
    ['AWS::AccountId', accountId],
    ['AWS::Partition', 'aws'],
    ['AWS::URLSuffix', 'amazonaws.com'],
    ['AWS::StackName', stackName],
    ['AWS::StackId', `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`],
    ['AWS::NotificationARNs', []],
  ]);
}
