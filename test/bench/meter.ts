import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repository } from '#local/assembly.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import { cpuSeconds, proportionalSetSize } from './memory.ts';
import type { Made, Reading, Ready } from './metered-cloud.ts';

/** A local cloud in a process of its own, and what it has consumed. BENCH_PROFILE names a directory for its CPU profile. */
export class Meter {
  readonly cloud: CloudFile;
  readonly #resources: readonly Made[];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, { cloud, resources }: Ready) {
    this.#child = child;
    this.cloud = cloud;
    this.#resources = resources;
  }

  static async start(stateDirectory: string): Promise<Meter> {
    const profile = process.env['BENCH_PROFILE'];
    const profiling = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile];
    const child = fork(join(repository, 'test', 'bench', 'metered-cloud.ts'), [stateDirectory], {
      cwd: repository,
      execArgv: [...profiling, '--import', 'tsx'],
    });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`The cloud ended with code ${code}: ${stateDirectory}`);
    });
    return new Meter(child, await Promise.race([heard<Ready>(child, 'ready'), ended]));
  }

  /** What the template made. */
  made(type: string, logicalId = /./): Made {
    const found = this.#resources.find((one) => one.type === type && logicalId.test(one.logicalId));
    if (found === undefined) throw new Error(`The template makes no ${type} ${logicalId.source}`);
    return found;
  }

  table(name: string): string {
    return this.made('AWS::DynamoDB::GlobalTable', new RegExp(`^${name}`)).ref;
  }

  async read(): Promise<Reading> {
    const answer = heard<Reading>(this.#child, 'reading');
    this.#child.send('read');
    return await answer;
  }

  /** MB of all its processes. */
  memory(): number {
    return proportionalSetSize(this.#child.pid ?? 0);
  }

  /** CPU time of all its processes, s. */
  cpu(): number {
    return cpuSeconds(this.#child.pid ?? 0);
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
  }
}

function heard<Message extends Ready | Reading>(child: ChildProcess, kind: Message['kind']): Promise<Message> {
  return new Promise((resolve) => {
    const listener = (message: Message) => {
      if (message.kind !== kind) return;
      child.off('message', listener);
      resolve(message);
    };
    child.on('message', listener);
  });
}
