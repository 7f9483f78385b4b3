import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { z } from 'zod';
import { fleetloom } from '#cdk/fleetloom.ts';
import cdkJson from '../../cdk.json' with { type: 'json' };

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  Metadata: z.record(z.string(), z.unknown()).optional(),
  DependsOn: z.array(z.string()).optional(),
});

export interface NamedResource extends z.infer<typeof resourceSchema> {
  readonly stack: 'Data' | 'Platform' | 'Outward';
  readonly id: string;
}

/** One folder a handler, with nothing in it: templates do not depend on what a bundle says. */
export function emptyFunctions(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-functions-'));
  for (const file of readdirSync(new URL('../../functions/handlers', import.meta.url))) {
    const folder = join(directory, basename(file, '.ts'));
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.mjs'), `// ${file}\n`);
  }
  return directory;
}

/** Every resource of the stacks, as it would be deployed for the given context over that of `cdk.json`. */
export function deployed(context: Readonly<Record<string, unknown>> = {}): readonly NamedResource[] {
  const functionsDirectory = emptyFunctions();
  // The judges have a test of their own; here they would cost a second each time.
  process.env['CDK_VALIDATION'] = 'false';
  try {
    const app = new App({ analyticsReporting: false, context: { ...cdkJson.context, ...context } });
    const { data, platform, outward } = fleetloom(app, functionsDirectory);
    return [
      ...resourcesOf('Data', Template.fromStack(data)),
      ...resourcesOf('Platform', Template.fromStack(platform)),
      ...resourcesOf('Outward', Template.fromStack(outward)),
    ];
  } finally {
    rmSync(functionsDirectory, { recursive: true });
  }
}

function resourcesOf(stack: NamedResource['stack'], template: Template): readonly NamedResource[] {
  const resources = z.record(z.string(), resourceSchema).parse(template.toJSON()['Resources']);
  return Object.entries(resources).map(([id, resource]) => ({ stack, id, ...resource }));
}

export function ofType(resources: readonly NamedResource[], type: string): readonly NamedResource[] {
  const found = resources.filter((resource) => resource.Type === type);
  if (found.length === 0) throw new Error(`No ${type} in the stacks`);
  return found;
}

const listOrOne = z.union([z.array(z.unknown()), z.unknown().transform((one) => [one])]);

const statementSchema = z.object({
  Effect: z.string(),
  Action: listOrOne.pipe(z.array(z.string())),
  Resource: listOrOne.optional(),
  Principal: z.unknown().optional(),
  Condition: z.unknown().optional(),
});

export type Statement = z.infer<typeof statementSchema>;

/** The statements of a policy document, wherever it stands. */
export function statementsOf(document: unknown): readonly Statement[] {
  return z.object({ Statement: z.array(statementSchema) }).parse(document).Statement;
}

/** The text that CloudFormation makes of a string with joins in it, for the account 000000000000. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const call = z
    .union([
      z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }),
      z.object({ Ref: z.string() }),
      z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }),
      z.object({ 'Fn::ImportValue': z.string() }),
    ])
    .parse(value);
  if ('Fn::Join' in call) return call['Fn::Join'][1].map(textOf).join(call['Fn::Join'][0]);
  if ('Fn::GetAtt' in call) return `<${call['Fn::GetAtt'].join('.')}>`;
  if ('Fn::ImportValue' in call) return `<${call['Fn::ImportValue']}>`;
  return call.Ref === 'AWS::AccountId' ? '000000000000' : `<${call.Ref}>`;
}
