import { rmSync } from 'node:fs';
import { cloudAssembly, repository } from './assembly.ts';
import { startCloud } from './cloud.ts';
import { removeCloudFile, writeCloudFile } from './cloud-file.ts';
import { openCloudLog } from './cloud-log.ts';
import { startFleet } from './factory/fleet.ts';
import { help, parseStartOptions, type StartOptions, UsageError } from './options.ts';

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
  if (options.fresh) rmSync(options.stateDirectory, { recursive: true, force: true });
  removeCloudFile(options.stateDirectory);
  const { log, file: logFile, close: closeLog } = openCloudLog(options.stateDirectory);
  const cloud = await startCloud({ ...options, assemblyDirectory: await cloudAssembly(say), log });
  try {
    const fleet = await Promise.race([startFleet(cloud.file, options, { say, log }), stopped]);
    if (fleet !== 'stopped') {
      const file = writeCloudFile(options.stateDirectory, cloud.file);
      say(welcome(options, { baseUrl: cloud.file.api.baseUrl, file, logFile }, performance.now() - started));
      await Promise.race([stopped, cloud.failure]);
      removeCloudFile(options.stateDirectory);
      await fleet.stop();
    }
  } finally {
    await cloud.close();
    closeLog();
  }
}

interface Places {
  readonly baseUrl: string;
  readonly file: string;
  readonly logFile: string;
}

function welcome({ vehicles }: StartOptions, { baseUrl, file, logFile }: Places, milliseconds: number): string {
  return `
Ready after ${(milliseconds / 1000).toFixed(1)} s with ${vehicles} vehicles.

  API          ${baseUrl}
  reference    ${baseUrl}/docs
  everything   ${file}
  log          ${logFile}

Ctrl-C stops it.
`;
}

function signal(): Promise<'stopped'> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve('stopped'));
  });
}

main().catch((error: unknown) => {
  const text =
    error instanceof UsageError || !(error instanceof Error) ? String(error) : (error.stack ?? error.message);
  process.stderr.write(`${text}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
