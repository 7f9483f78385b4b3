import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = fileURLToPath(new URL('../../functions/azure', import.meta.url));

/** What `func azure functionapp publish` names its folder by. */
const manifest = { name: 'fleetloom-device-events', private: true, main: 'index.cjs' };

/**
 * Bundles the app that is deployed beside an IoT hub: one file, its settings, and what says which file it is.
 *
 * @param directory what it leaves there is all that is deployed
 */
export async function bundleFunctionApp(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await build({
    entryPoints: [join(source, 'main.ts')],
    outfile: join(directory, manifest.main),
    bundle: true,
    platform: 'node',
    target: 'node22',
    // The host gives the worker a module of its own, by a hook that only `require` comes along.
    format: 'cjs',
    external: ['@azure/functions-core'],
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  await copyFile(join(source, 'host.json'), join(directory, 'host.json'));
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
