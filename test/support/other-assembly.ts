import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { cloudAssembly } from '#local/assembly.ts';

const statement = z.looseObject({ Action: z.union([z.string(), z.array(z.string())]), Resource: z.unknown() });
const template = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
const document = z.looseObject({ Statement: z.array(statement) });

export type Template = z.infer<typeof template>;

const stacks = ['Data', 'Platform', 'Outward'].map((name) => `Fleetloom-dev-${name}.template.json`);

/** A copy of the present assembly whose stacks are others: `change` sees all as one; what it adds is in the last. */
export async function assemblyWith(change: (template: Template) => void): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'fleetloom-assembly-'));
  cpSync(await cloudAssembly(() => {}), copy, { recursive: true });
  const before = stacks.map((file) => read(join(copy, file)));
  const all: Template = { Resources: Object.assign({}, ...before.map(({ Resources }) => Resources)) };
  change(all);
  const known = new Map(before.flatMap(({ Resources }, place) => Object.keys(Resources).map((id) => [id, place])));
  for (const [place, file] of stacks.entries()) {
    const isHere = ([id]: readonly [string, unknown]) => (known.get(id) ?? stacks.length - 1) === place;
    write(join(copy, file), before[place] ?? {}, Object.entries(all.Resources).filter(isHere));
  }
  return copy;
}

function read(file: string): Template {
  return template.parse(JSON.parse(readFileSync(file, 'utf8')));
}

function write(file: string, rest: object, resources: readonly (readonly [string, unknown])[]): void {
  writeFileSync(file, JSON.stringify({ ...rest, Resources: Object.fromEntries(resources) }));
}

/**
 * Takes one grant away: an action out of the statement that has it. Throws where there is none.
 *
 * @param on what the statement's resource is called in the template, where several grant the action
 */
export function withoutAction(logicalId: string, action: string, on = ''): (template: Template) => void {
  return (changed) => {
    for (const { Properties: properties } of policies(changed, logicalId)) {
      const { Statement, ...rest } = document.parse(properties['PolicyDocument']);
      const granting = Statement.find(
        ({ Action, Resource }) => [Action].flat().includes(action) && JSON.stringify(Resource).includes(on),
      );
      if (granting === undefined) continue;
      const left = [granting.Action].flat().filter((one) => one !== action);
      const rewritten = left.length === 0 ? [] : [{ ...granting, Action: left }];
      // In their order: the next loss is looked for from the first on.
      const statements = Statement.flatMap((one) => (one === granting ? rewritten : [one]));
      properties['PolicyDocument'] = { ...rest, Statement: statements };
      return;
    }
    throw new Error(`${logicalId} grants no ${action}`);
  };
}

/** A role whose policy is too long for one has others beside it, which CDK makes. */
function policies(changed: Template, logicalId: string) {
  const beside = logicalId.replace('DefaultPolicy', 'OverflowPolicy');
  const overflow = Object.entries(changed.Resources).filter(([id]) => beside !== logicalId && id.startsWith(beside));
  return [resource(changed, logicalId), ...overflow.map(([, one]) => one)];
}

/** Takes a whole resource away, such as the permission to call a function. */
export function withoutResource(logicalId: string): (template: Template) => void {
  return ({ Resources, ...rest }) => {
    const id = fullId({ Resources, ...rest }, logicalId);
    delete Resources[id];
    for (const other of Object.values(Resources)) {
      if (Array.isArray(other['DependsOn'])) other['DependsOn'] = other['DependsOn'].filter((one) => one !== id);
    }
  };
}

function resource(changed: Template, logicalId: string) {
  const found = changed.Resources[fullId(changed, logicalId)];
  if (found === undefined) throw new Error(`There is no ${logicalId}`);
  return found;
}

/** CDK adds a hash to what we call a resource. */
function fullId({ Resources }: Template, logicalId: string): string {
  const found = Object.keys(Resources).filter((id) => id.replace(/[0-9A-F]{8}$/, '') === logicalId);
  const [id] = found;
  if (id === undefined || found.length > 1) throw new Error(`${found.length} resources are called ${logicalId}`);
  return id;
}
