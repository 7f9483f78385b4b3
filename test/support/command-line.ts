import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { repository } from '#local/assembly.ts';

/** `npx fleetloom …` in a directory that holds a `cloud.json`. */
export async function fleetloomAt(directory: string, words: readonly string[]) {
  const args = [join(repository, 'cli/fleetloom.mjs'), '--state', directory, ...words];
  const child = spawn(process.execPath, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.on('close', resolve)),
  ]);
  return { out, err, code };
}
