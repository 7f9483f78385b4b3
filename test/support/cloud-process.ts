import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { repository } from '#local/assembly.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import { eventually } from '#local/tour/telling.ts';

/** What `npm start` runs, as a process of its own. */
export class CloudProcess {
  readonly child: ChildProcess;
  readonly stateDirectory: string;
  output = '';

  constructor(stateDirectory: string, portBase: number, vehicles: number) {
    this.stateDirectory = stateDirectory;
    const options = ['--vehicles', String(vehicles), '--state', stateDirectory, '--port-base', String(portBase)];
    this.child = spawn(process.execPath, ['--import', 'tsx', join(repository, 'local', 'main.ts'), ...options], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.output += text;
      });
    }
  }

  /** @throws Error with everything it said, when it ended instead */
  async ready(): Promise<CloudFile> {
    const said = () => (this.ended ? this.output : this.output.includes('Ready after'));
    const answer = await eventually('a cloud that is ready', said, (ready) => ready !== false, 60_000);
    if (answer !== true) throw new Error(`The cloud ended: ${this.output}`);
    return JSON.parse(readFileSync(this.file, 'utf8'));
  }

  get file(): string {
    return join(this.stateDirectory, 'cloud.json');
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (!this.ended) {
      const gone = once(this.child, 'exit');
      this.child.kill(signal);
      await gone;
    }
    return this.child.exitCode;
  }

  /** Every process that came from it and still is there. */
  family(): readonly number[] {
    return this.child.pid === undefined ? [] : descendants(this.child.pid);
  }
}

/** Linux: `/proc` knows who begot whom. */
function descendants(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(file)) return [];
  const children = readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number);
  return [...children, ...children.flatMap(descendants)];
}

export function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  // A zombie has ended; whoever begot it has not looked yet.
  return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** The first of eleven ports in a row that nobody listens on. */
export async function freePortBase(): Promise<number> {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length: 11 }, (_, offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
