import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { originPlaceholder } from '#functions/api/documents.ts';
import { buildOpenApi } from '#functions/api/openapi.ts';
import { referencePage } from '#functions/api/reference-page.ts';
import { bundleFunctionApp } from './azure/function-app-bundle.ts';
import { withoutRouteWords } from './route-words.ts';
import { leanManifests } from './sdk-manifests.ts';
import { droppableSchemas } from './sdk-schemas.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** FLEETLOOM_BUNDLES leads elsewhere: two local clouds that start at once must not write the same files. */
const output = process.env['FLEETLOOM_BUNDLES'] ?? join(root, 'dist');
/** One folder a function: what Lambda gets, and nothing else. */
export const functionsDirectory = join(output, 'functions');
/** What is deployed beside the IoT hub of a home. */
const functionAppDirectory = join(output, 'azure');
const sourceMapsDirectory = join(output, 'source-maps');
const handlersDirectory = join(root, 'functions', 'handlers');

/**
 * Those that carry the SDK of another device cloud, which is CommonJS and calls `require` for what Node has. It knows its
 * own messages by the name of their class.
 */
const ofHubs = /^hub-/;
const withRequire = "const require=process.getBuiltinModule('node:module').createRequire(import.meta.url);";

/**
 * Bundles every handler in two passes of esbuild, the SDKs inside. Source maps lie beside the assets:
 * they would double what a cold start has to load.
 *
 * @returns the names of the functions
 */
export async function bundle(): Promise<readonly string[]> {
  const names = (await readdir(handlersDirectory))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => basename(file, '.ts'));
  const passes = await Promise.all([
    built(names.filter((name) => !ofHubs.test(name))),
    built(
      names.filter((name) => ofHubs.test(name)),
      { banner: { js: withRequire }, keepNames: true },
    ),
  ]);
  const outputFiles = passes.flatMap((pass) => pass.outputFiles);
  // A handler that is gone must not stay in an asset.
  await Promise.all(
    [functionsDirectory, sourceMapsDirectory].map((folder) => rm(folder, { recursive: true, force: true })),
  );
  await Promise.all(
    outputFiles.map(({ path, contents }) => {
      const name = relative(functionsDirectory, dirname(path));
      return written(path.endsWith('.map') ? join(sourceMapsDirectory, `${name}.mjs.map`) : path, contents);
    }),
  );
  // The API's function serves its own description, made from the same schemas that it parses with.
  const description = buildOpenApi();
  await written(join(functionsDirectory, 'api', 'openapi.json'), JSON.stringify(description));
  await written(join(functionsDirectory, 'api', 'reference.html'), referencePage(description, originPlaceholder));
  await bundleFunctionApp(functionAppDirectory);
  return names;
}

function built(names: readonly string[], options: Pick<BuildOptions, 'banner' | 'keepNames'> = {}) {
  return build({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: join(handlersDirectory, `${name}.ts`), out: join(name, 'index') })),
    outdir: functionsDirectory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    alias: { '@aws-sdk/credential-provider-node': join(root, 'functions', 'adapters', 'lambda-credentials.ts') },
    plugins: [droppableSchemas, leanManifests, withoutRouteWords],
    minify: true,
    sourcemap: 'external',
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
    ...options,
  });
}

async function written(path: string, contents: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contents);
}
