import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { localHome } from './azure/local-home.ts';

const run = promisify(execFile);

/** In an assembly: the app that stands beside the hub of a home. */
export const functionAppDirectory = 'function-app';

/** The root of the repository. */
export const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/** Everything that the synthesized cloud is made of. */
const sources = [
  ...['cdk', 'functions', 'shared', 'cdk.json', 'package.json', 'package-lock.json'],
  join('local', 'azure', 'local-home.ts'),
];

/**
 * The cloud assembly of the present sources: the one made before, when nothing changed, else a new one.
 * It appears by rename, so that clouds that start together never read a half-written one.
 */
export async function cloudAssembly(log: (line: string) => void): Promise<string> {
  const home = join(repository, 'dist', 'assembly');
  const assembly = join(home, fingerprint());
  if (existsSync(join(assembly, 'manifest.json'))) {
    const now = new Date();
    utimesSync(assembly, now, now);
    return assembly;
  }
  log('Bundling the functions and synthesizing the stacks …');
  mkdirSync(home, { recursive: true });
  const release = await turnAt(assembly);
  try {
    if (!existsSync(join(assembly, 'manifest.json'))) await make(home, assembly);
  } finally {
    release();
  }
  return assembly;
}

async function make(home: string, assembly: string): Promise<void> {
  const unfinished = `${assembly}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  await synthesize(unfinished);
  try {
    renameSync(unfinished, assembly);
  } catch (cause) {
    // Another start was faster with the same sources; its assembly is as good.
    if (!existsSync(join(assembly, 'manifest.json'))) throw cause;
    rmSync(unfinished, { recursive: true, force: true });
  }
  forgetOldAssemblies(home);
}

/** Waits while another process that lives makes it: all that start together would take as long as all of them. */
async function turnAt(assembly: string): Promise<() => void> {
  const file = `${assembly}.maker`;
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (!isAlive(file)) rmSync(file, { force: true });
  }
}

/** Whether whoever has written its process id there still runs. */
function isAlive(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function synthesize(directory: string): Promise<void> {
  const settings: { context?: Record<string, unknown> } = JSON.parse(
    readFileSync(join(repository, 'cdk.json'), 'utf8'),
  );
  await run(process.execPath, ['--import', 'tsx', join(repository, 'cdk', 'app.ts')], {
    cwd: repository,
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      CDK_OUTDIR: directory,
      // The template is validated by `npm run synth`; a start does not wait for it a second time.
      CDK_VALIDATION: 'false',
      CDK_CONTEXT_JSON: JSON.stringify({ ...settings.context, homes: [localHome] }),
      FLEETLOOM_BUNDLES: `${directory}.bundles`,
    },
  })
    .then(() => renameSync(join(`${directory}.bundles`, 'azure'), join(directory, functionAppDirectory)))
    .finally(() => rmSync(`${directory}.bundles`, { recursive: true, force: true }));
}

function fingerprint(): string {
  const hash = createHash('sha256').update(process.version);
  for (const file of sources.flatMap((source) => filesIn(join(repository, source)))) {
    hash.update(relative(repository, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

function filesIn(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}

/** Longer than a cloud runs beside somebody who changes its sources. */
const day = 24 * 3_600_000;

/**
 * The five used last stay, for whoever changes between branches; and all of today's, because a cloud that runs
 * loads its functions from there whenever it needs another worker.
 */
function forgetOldAssemblies(home: string): void {
  const byAge = readdirSync(home)
    .map((name) => ({ path: join(home, name), at: statSync(join(home, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path, at } of byAge.slice(5)) {
    if (at < Date.now() - day) rmSync(path, { recursive: true, force: true });
  }
}
