import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { repository } from '#local/assembly.ts';
import type { CloudFile } from '#local/cloud-file.ts';

/** `npm start` in a process of its own, as a user has it. BENCH_PROFILE names a directory for its CPU profile. */
export interface RunningCloud {
  readonly cloud: CloudFile;
  readonly process: ChildProcess;
  /** From the command to `cloud.json`, in ms. */
  readonly readyAfter: number;
  stop(): Promise<void>;
}

/** @throws Error with what it printed, if it ends before it is ready */
export async function start(
  stateDirectory: string,
  { vehicles, portBase }: { readonly vehicles: number; readonly portBase: number },
): Promise<RunningCloud> {
  const begun = performance.now();
  const profile = process.env['BENCH_PROFILE'];
  const [command, ...before] =
    profile === undefined
      ? ['npm', 'start', '--silent', '--']
      : [process.execPath, '--cpu-prof', '--cpu-prof-dir', profile, '--import', 'tsx', 'local/main.ts'];
  const options = ['--state', stateDirectory, '--vehicles', String(vehicles), '--port-base', String(portBase)];
  const child = spawn(command, [...before, ...options], { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const file = join(stateDirectory, 'cloud.json');
  while (!existsSync(file)) {
    if (child.exitCode !== null) throw new Error(`npm start ended with code ${child.exitCode}:\n${printed}`);
    await pause(5);
  }
  const readyAfter = performance.now() - begun;
  const cloud: CloudFile = JSON.parse(readFileSync(file, 'utf8'));
  return {
    cloud,
    process: child,
    readyAfter,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
