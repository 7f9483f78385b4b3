import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** One stack of an assembly that a test writes itself. */
export interface WrittenStack {
  readonly template: Record<string, unknown>;
  readonly dependencies?: readonly string[];
}

/** A cloud assembly on disk, as `cdk synth` lays it out; it is gone when the test is over. */
export function writeAssembly(stacks: Record<string, WrittenStack>): string {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-assembly-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const artifacts: Record<string, unknown> = {};
  for (const [name, { template, dependencies = [] }] of Object.entries(stacks)) {
    writeFileSync(join(directory, `${name}.template.json`), JSON.stringify(template));
    artifacts[`${name}.assets`] = { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } };
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: `${name}.template.json` },
      dependencies: [...dependencies, `${name}.assets`],
    };
    writeFileSync(join(directory, `${name}.assets.json`), JSON.stringify({ files: assetOf(name) }));
    mkdirSync(join(directory, `asset.${name}`));
  }
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '55.0.0', artifacts }));
  return directory;
}

function assetOf(name: string) {
  return {
    [name]: {
      source: { path: `asset.${name}`, packaging: 'zip' },
      destinations: { local: { bucketName: 'assets', objectKey: `${name}.zip` } },
    },
  };
}
