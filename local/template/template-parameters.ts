import type { AssemblyStack } from './assembly.ts';

/** The outputs of the stacks that were made before. */
type Made = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** By the parameter's name; a value may depend on what was made before, as for whoever deploys stack by stack. */
export type TemplateParameters = Readonly<Record<string, (made: Made) => string>>;

/** The parameter that CDK adds to every stack; only `Rules` use it. */
const bootstrapParameter = 'BootstrapVersion';

/** @throws Error naming a parameter that has neither a default nor a value */
export function parameterValues(
  { stackName, template }: AssemblyStack,
  given: TemplateParameters,
  made: Made,
): ReadonlyMap<string, string | readonly string[]> {
  const values = new Map<string, string | readonly string[]>();
  for (const [name, { Type: type, Default: standard }] of Object.entries(template.Parameters)) {
    const path = `${stackName}/Parameters.${name}`;
    if (name === bootstrapParameter && type === 'AWS::SSM::Parameter::Value<String>') continue;
    const value = given[name]?.(made) ?? standard;
    if (value === undefined) throw new Error(`${path}: has no default, and the local cloud knows no value for it`);
    if (type === 'String' || type === 'Number') values.set(name, String(value));
    else if (type === 'CommaDelimitedList') values.set(name, listOf(String(value)));
    else throw new Error(`${path}: the local cloud does not know the parameter type ${type}`);
  }
  return values;
}

function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}
