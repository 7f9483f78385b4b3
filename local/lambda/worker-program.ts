import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ofFunctions = fileURLToPath(new URL('./worker.ts', import.meta.url));

/**
 * The runtime as plain JavaScript, so that a worker starts without tsx (80 ms instead of several hundred).
 * It is transformed once for each version of its source; esbuild is loaded only then.
 *
 * @param source imports nothing but types and Node's own modules
 */
export async function workerProgram(stateDirectory: string, source = ofFunctions): Promise<string> {
  const text = readFileSync(source, 'utf8');
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const directory = join(stateDirectory, 'runtime');
  const file = join(directory, `worker-${digest}.mjs`);
  if (existsSync(file)) return file;
  const { transform } = await import('esbuild');
  const { code } = await transform(text, { loader: 'ts', format: 'esm', target: 'node20' });
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${file}.${process.pid}`, code);
  renameSync(`${file}.${process.pid}`, file);
  return file;
}
