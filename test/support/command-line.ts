import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { repository } from '#local/assembly.ts';

/** As people start it: TypeScript as it stands, half a second before its first word. */
export const fleetloomFile = join(repository, 'cli/fleetloom.mjs');

let bundled: Promise<string> | undefined;

/** The same in one file, for those who start it fifty times. */
async function bundle(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-cli-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const outfile = join(directory, 'fleetloom.mjs');
  const js = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
  await build({
    ...{ entryPoints: [join(repository, 'cli/main.ts')], outfile, banner: { js } },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' },
  });
  return outfile;
}

/** `npx fleetloom …` in a directory that holds a `cloud.json`. */
export async function fleetloomAt(directory: string, words: readonly string[], file?: string) {
  bundled ??= bundle();
  const args = [file ?? (await bundled), '--state', directory, ...words];
  const child = spawn(process.execPath, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.on('close', resolve)),
  ]);
  return { out, err, code };
}
