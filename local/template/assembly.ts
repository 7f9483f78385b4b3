import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** The sections of a template that the local cloud reads. Any other section stops the start. */
const templateSchema = z.strictObject({
  AWSTemplateFormatVersion: z.string().optional(),
  Description: z.string().optional(),
  Metadata: z.unknown().optional(),
  Parameters: z
    .record(z.string(), z.looseObject({ Type: z.string(), Default: z.union([z.string(), z.number()]).optional() }))
    .default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  // Rules check parameters before a deployment; the only one CDK writes looks at the bootstrap version,
  // which a local cloud does not have.
  Rules: z.unknown().optional(),
  Resources: z
    .record(
      z.string(),
      z.strictObject({
        Type: z.string(),
        Properties: z.record(z.string(), z.unknown()).default({}),
        DependsOn: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
        Condition: z.string().optional(),
        Metadata: z.record(z.string(), z.unknown()).default({}),
        DeletionPolicy: z.string().optional(),
        UpdateReplacePolicy: z.string().optional(),
      }),
    )
    .default({}),
  Outputs: z
    .record(
      z.string(),
      z.strictObject({
        Description: z.string().optional(),
        Value: z.unknown(),
        Condition: z.string().optional(),
        Export: z.strictObject({ Name: z.unknown() }).optional(),
      }),
    )
    .default({}),
});

export type Template = z.infer<typeof templateSchema>;

/** A stack of a cloud assembly. */
export interface AssemblyStack {
  readonly stackName: string;
  readonly template: Template;
}

const manifestSchema = z.looseObject({
  artifacts: z.record(
    z.string(),
    z.looseObject({
      type: z.string(),
      dependencies: z.array(z.string()).default([]),
      properties: z
        .looseObject({
          templateFile: z.string().optional(),
          stackName: z.string().optional(),
          file: z.string().optional(),
        })
        .default({}),
    }),
  ),
});

const assetsSchema = z.looseObject({
  files: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({ path: z.string(), packaging: z.string() }),
        destinations: z.record(z.string(), z.looseObject({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

/**
 * Reads what `cdk synth` wrote: the stacks, each after those that it depends on.
 *
 * @throws Error that names the file and what in it is not understood
 */
export function readAssembly(assemblyDirectory: string): AssemblyStack[] {
  const { artifacts } = parseFile(assemblyDirectory, 'manifest.json', manifestSchema);
  const stacks: AssemblyStack[] = [];
  const visited = new Set<string>();

  function visit(id: string): void {
    const artifact = artifacts[id];
    if (artifact === undefined) throw new Error(`manifest.json: the artifact ${id} does not exist`);
    if (visited.has(id)) return;
    visited.add(id);
    for (const dependency of artifact.dependencies) visit(dependency);
    if (artifact.type === 'cdk:cloud-assembly') {
      throw new Error(`manifest.json: ${id} is a nested assembly (a stage), which the local cloud does not read`);
    }
    if (artifact.type !== 'aws:cloudformation:stack') return;
    const { templateFile, stackName } = artifact.properties;
    if (templateFile === undefined) throw new Error(`manifest.json: the stack ${id} has no templateFile`);
    stacks.push({
      stackName: stackName ?? id,
      template: parseFile(assemblyDirectory, templateFile, templateSchema),
    });
  }

  for (const id of Object.keys(artifacts)) visit(id);
  return stacks;
}

/**
 * Where the content of an asset lies.
 *
 * @param objectKey what the template calls it: `S3Key` of a function's code, e.g. `<hash>.zip`
 */
export function assetDirectory(assemblyDirectory: string, objectKey: string): string {
  const { artifacts } = parseFile(assemblyDirectory, 'manifest.json', manifestSchema);
  for (const artifact of Object.values(artifacts)) {
    const file = artifact.properties.file;
    if (artifact.type !== 'cdk:asset-manifest' || file === undefined) continue;
    for (const asset of Object.values(parseFile(assemblyDirectory, file, assetsSchema).files)) {
      const isTheOne = Object.values(asset.destinations).some((destination) => destination.objectKey === objectKey);
      if (isTheOne) return join(assemblyDirectory, asset.source.path);
    }
  }
  throw new Error(`The assembly in ${assemblyDirectory} has no asset with the key ${objectKey}`);
}

function parseFile<T>(directory: string, file: string, schema: z.ZodType<T>): T {
  const path = join(directory, file);
  const result = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!result.success) throw new Error(`${path} is not understood:\n${z.prettifyError(result.error)}`);
  return result.data;
}
