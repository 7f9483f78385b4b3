import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cpuSecondsOfAll } from './memory.ts';

const run = promisify(execFile);
const needed = ['initdb', 'postgres', 'psql', 'pgbench', 'pg_isready'] as const;
const debian = '/usr/lib/postgresql';

/** Where a version's programs lie, the asked one first; undefined where PostgreSQL is not installed. */
export function postgresPrograms(version = 15): string | undefined {
  const others = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const installed = [`${version}`, ...others].map((one) => join(debian, one, 'bin'));
  const places = [...installed, ...(process.env['PATH'] ?? '').split(delimiter)];
  return places.find((place) => place !== '' && needed.every((name) => existsSync(join(place, name))));
}

/**
 * `exec` makes the server the child that we see; the watcher beside it waits for the pipe to us to break, so the server
 * dies with this process, also when this process is killed with -9, and nothing of it stays behind.
 */
const underWatch =
  'exec 3<&0 </dev/null; (read -r _ <&3; kill -QUIT $$; while kill -0 $$; do sleep 0.05; done; rm -rf "$0") >/dev/null 2>&1 & exec "$@" 3<&-';

/** A server of its own in a temporary directory, on a Unix socket alone, with PostgreSQL's own settings: fsync is on. */
export class PostgresServer {
  readonly directory: string;
  readonly version: string;
  readonly #programs: string;
  readonly #child: ChildProcess;

  private constructor(directory: string, programs: string, version: string, child: ChildProcess) {
    this.directory = directory;
    this.version = version;
    this.#programs = programs;
    this.#child = child;
  }

  static async start(programs: string): Promise<PostgresServer> {
    const directory = await mkdtemp(join(tmpdir(), 'fleetloom-pg-'));
    try {
      const owner = await ordinaryUser();
      const data = join(directory, 'data');
      await mkdir(data, { mode: 0o700 });
      if (owner !== undefined) for (const place of [directory, data]) await chown(place, owner.uid, owner.gid);
      const its = { cwd: directory, ...owner };
      const cluster = ['-D', data, '-U', 'fleetloom', '-A', 'trust', '--locale=C', '-E', 'UTF8'];
      const { stdout } = await run(join(programs, 'postgres'), ['--version']);
      await run(join(programs, 'initdb'), cluster, its);
      const command = [join(programs, 'postgres'), '-D', data, '-k', directory, '-c', 'listen_addresses='];
      const log = ['-c', 'logging_collector=on', '-c', 'log_filename=server.log', '-c', `log_directory=${directory}`];
      const child = spawn('/bin/sh', ['-c', underWatch, directory, ...command, ...log], {
        ...its,
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
      });
      const server = new PostgresServer(directory, programs, stdout.trim(), child);
      await server.#ready();
      return server;
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** The rows, columns separated by a bar. */
  async sql(text: string): Promise<readonly string[]> {
    return this.#psql(['-c', text]);
  }

  async file(path: string): Promise<readonly string[]> {
    return this.#psql(['-f', path]);
  }

  /**
   * So many clients at once, each the script so many times.
   *
   * @returns ms that each transaction took, and s until all were through
   */
  async bench(script: string, { clients, times, variables }: Load): Promise<Loaded> {
    const prefix = join(this.directory, `log-${Math.round(performance.now())}`);
    const names = Object.entries(variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
    const load = ['-c', `${clients}`, '-j', '2', '-t', `${times}`, ...names, '-f', script];
    const { stdout } = await run(
      join(this.#programs, 'pgbench'),
      ['-n', '-M', 'prepared', ...this.#connection(), ...load, '-l', `--log-prefix=${prefix}`, 'postgres'],
      { env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' } },
    );
    const failed = /number of failed transactions: (\d+)/.exec(stdout)?.[1] ?? '0';
    if (failed !== '0') throw new Error(stdout);
    const [, rate = 'NaN'] = /^tps = ([\d.]+)/m.exec(stdout) ?? [];
    const logs = readdirSync(this.directory).filter((name) => join(this.directory, name).startsWith(`${prefix}.`));
    const latencies = logs.flatMap((name) => {
      const lines = readFileSync(join(this.directory, name), 'utf8').trim().split('\n');
      return lines.map((line) => Number(line.split(' ')[2]) / 1000);
    });
    return { latencies, rate: Number(rate) };
  }

  /** CPU time of the server and of all who served a connection, s. */
  cpu(): number {
    return cpuSecondsOfAll(this.#child.pid ?? 0);
  }

  async stop(): Promise<void> {
    const gone =
      this.#child.exitCode === null && this.#child.signalCode === null ? once(this.#child, 'exit') : undefined;
    this.#child.stdin?.destroy();
    await gone;
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  async #psql(what: readonly string[]): Promise<readonly string[]> {
    const quiet = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'];
    const { stdout } = await run(join(this.#programs, 'psql'), [
      ...quiet,
      ...this.#connection(),
      '-d',
      'postgres',
      ...what,
    ]);
    return stdout.trim().split('\n');
  }

  #connection(): readonly string[] {
    return ['-h', this.directory, '-U', 'fleetloom'];
  }

  async #ready(): Promise<void> {
    for (const deadline = Date.now() + 20_000; ; await pause(50)) {
      if (this.#child.exitCode !== null || Date.now() > deadline) throw new Error('PostgreSQL did not start');
      const asked = run(join(this.#programs, 'pg_isready'), ['-q', '-h', this.directory]);
      if (await asked.then(() => true).catch(() => false)) return;
    }
  }
}

interface Load {
  readonly clients: number;
  readonly times: number;
  readonly variables: Readonly<Record<string, number>>;
}

export interface Loaded {
  readonly latencies: readonly number[];
  /** A second. */
  readonly rate: number;
}

/** PostgreSQL refuses to be run by root: undefined where we are nobody special. */
async function ordinaryUser(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (which) => run('id', [which, 'nobody'])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}
