import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DirectoryInUse, lockName } from '#device-sdk/directory-lock.ts';
import { cloudAssembly, repository } from './assembly.ts';
import { type LocalCloud, startCloud } from './cloud.ts';
import { type CloudFile, removeCloudFile, writeCloudFile } from './cloud-file.ts';
import { openCloudLog } from './cloud-log.ts';
import { EngineMissing } from './dynamo/engine-binary.ts';
import { demoCity } from './factory/demo-city.ts';
import { startFleet } from './factory/fleet.ts';
import { help, parseStartOptions, type StartOptions, UsageError } from './options.ts';
import { lockStateDirectory } from './state/lock.ts';
import { LiveView } from './trace/live-view.ts';
import { styleFor } from './trace/style.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** `npm start`: a cloud, its vehicles, and a file that says where they are; until a signal ends it. */
async function main(): Promise<void> {
  const options = parseStartOptions(process.argv.slice(2), repository);
  if (options === 'help') {
    say(help);
    return;
  }
  const stopped = signal();
  const started = performance.now();
  if (options.fresh) requireState(options.stateDirectory);
  const unlock = lockStateDirectory(options.stateDirectory);
  try {
    if (options.fresh) wipe(options.stateDirectory);
    removeCloudFile(options.stateDirectory);
    await run(options, started, stopped);
  } finally {
    unlock();
  }
}

async function run(options: StartOptions, started: number, stopped: Promise<'stopped'>): Promise<void> {
  const { log, file: logFile, close: closeLog } = openCloudLog(options.stateDirectory);
  const trace = options.trace !== 'off';
  const cloud = await startCloud({ ...options, trace, assemblyDirectory: await cloudAssembly(say), log });
  const view = trace ? liveView(cloud, options.trace) : undefined;
  const ending = new AbortController();
  const fleet = startFleet(cloud.file, { ...options, signal: ending.signal }, { say, log });
  const over = Promise.race([stopped, cloud.failure]);
  over.catch(() => {}); // it may come when something else has ended the run already
  try {
    const there = Promise.all([fleet, options.vehicles > 0 ? demoCity(cloud.file) : undefined]);
    if ((await Promise.race([there, over])) !== 'stopped') {
      const file = writeCloudFile(options.stateDirectory, cloud.file);
      cloud.whenPersonDeleted(() => writeCloudFile(options.stateDirectory, cloud.file));
      const { ahead } = cloud.clock;
      say(welcome(options, { cloud: cloud.file, file, logFile, ahead }, performance.now() - started));
      await over;
    }
  } finally {
    removeCloudFile(options.stateDirectory);
    ending.abort();
    const running = await fleet.catch(() => undefined); // what went wrong with it was thrown above
    await running?.stop();
    view?.stop();
    await cloud.close();
    closeLog();
  }
}

function liveView({ traces }: LocalCloud, wanted: StartOptions['trace']): LiveView {
  const { stdout, env } = process;
  const vehicleId = wanted === 'all' || wanted === 'off' ? undefined : wanted;
  return new LiveView({ traces, say, style: styleFor(stdout, env), width: stdout.columns ?? 160, vehicleId });
}

/** `--fresh --state ~` must not cost anybody their home. */
function requireState(directory: string): void {
  if (!existsSync(directory) || readdirSync(directory).length === 0) return;
  if (existsSync(join(directory, lockName)) || existsSync(join(directory, 'logs', 'cloud.log'))) return;
  throw new UsageError(`--fresh would wipe ${directory}, where no local cloud has kept its state. Empty it yourself.`);
}

/** All but the lock, which keeps others out meanwhile. */
function wipe(directory: string): void {
  for (const entry of readdirSync(directory)) {
    if (entry !== lockName) rmSync(join(directory, entry), { recursive: true, force: true });
  }
}

interface Places {
  readonly cloud: CloudFile;
  readonly file: string;
  readonly logFile: string;
  /** ms */
  readonly ahead: number;
}

function welcome(
  { vehicles, replay }: StartOptions,
  { cloud: { api, gbfs, identity }, file, logFile, ahead }: Places,
  milliseconds: number,
): string {
  return `
Ready after ${(milliseconds / 1000).toFixed(1)} s with ${vehicles} vehicles${replay === undefined ? '' : ' and a recording'}.

  API          ${api.baseUrl}
  reference    ${api.baseUrl}/docs
  sign in      ${new URL('/', identity.app.authorizeUrl)}
  public feeds ${gbfs}
  everything   ${file}
  log          ${logFile}
${movedTime(ahead)}
Ctrl-C stops it.
`;
}

function movedTime(ahead: number): string {
  if (ahead === 0) return '';
  const seconds = `${Math.round(Math.abs(ahead) / 1000)} s ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`;
  return `  time         ${seconds}, as it was moved before; --fresh forgets it\n`;
}

function signal(): Promise<'stopped'> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve('stopped'));
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${explained(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});

/** Without a stack where somebody at the terminal can do something about it. */
function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `Error: port ${error.port} is taken. End what listens there, or choose other ports: npm start -- --port-base 20000`;
  }
  const expected = [UsageError, DirectoryInUse, EngineMissing].some((kind) => error instanceof kind);
  return expected || 'syscall' in error ? `Error: ${error.message}` : (error.stack ?? error.message);
}
